import { isKind } from '../../base/errors.ts';
import { leaseId, rooted, snapshotter, type World } from './world.ts';

/**
 * One thing a client does. It counts as acknowledged when it returns; until then the daemon may have done it or not, and
 * nothing in between. Done again after a failure that left it undone, it succeeds.
 */
export interface Step {
  readonly name: string;
  run(world: World): Promise<unknown>;
}

const content = ({ leased }: World) => leased.service('containerd.services.content.v1.Content');
const images = ({ leased }: World) => leased.service('containerd.services.images.v1.Images');
const leases = ({ client }: World) => client.service('containerd.services.leases.v1.Leases');
const snapshots = ({ leased }: World) => leased.service('containerd.services.snapshots.v1.Snapshots');
const containers = ({ client }: World) => client.service('containerd.services.containers.v1.Containers');
const namespaces = ({ client }: World) => client.service('containerd.services.namespaces.v1.Namespaces');
const diff = ({ leased }: World) => leased.service('containerd.services.diff.v1.Diff');

const step = (name: string, run: (world: World) => Promise<unknown>): Step => ({ name, run });

/** Every answer of the daemon is a step of its own, for each is an acknowledgement. */
function upload(name: string, labels: Record<string, string> = {}): Step[] {
  return [
    step(`begin ${name}`, (world) => world.writePart(name, 0)),
    step(`write half of ${name}`, (world) => world.writePart(name, 0.5)),
    step(`write ${name}`, (world) => world.writePart(name, 1)),
    step(`commit ${name}`, (world) => world.commit(name, labels)),
  ];
}

const container = {
  id: 'c',
  image: 'image',
  runtime: { name: 'io.containerd.runc.v2' },
  spec: { typeUrl: 'types.containerd.io/opencontainers/runtime-spec/1/Spec', value: Buffer.from('{}') },
  snapshotter,
  snapshotKey: 'upper-key',
};

const resource = async (world: World) => ({ id: await world.digest('image-target'), type: 'content' });

const contentSteps: readonly Step[] = [
  step('create a lease', (world) => leases(world).Create({ id: leaseId }, world.options)),
  ...upload('resumed', rooted),
  ...upload('aborted').slice(0, 2),
  step('abort it', (world) => content(world).Abort({ ref: 'aborted' }, world.options).catch(ignoreMissing)),
  ...upload('image-target', rooted),
  ...upload('leased'),
  ...upload('victim', rooted),
  ...upload('layer', rooted),
  step('label a blob', async (world) => {
    const info = { digest: await world.digest('resumed'), labels: { changed: 'yes' } };
    return content(world).Update({ info, updateMask: { paths: ['labels.changed'] } }, world.options);
  }),
  step('delete a blob', async (world) =>
    content(world).Delete({ digest: await world.digest('victim') }, world.options),
  ),
];

const recordSteps: readonly Step[] = [
  step('create an image', async (world) =>
    images(world).Create({ image: { name: 'image', target: await world.descriptor('image-target') } }, world.options),
  ),
  step('update an image', async (world) => {
    const image = { name: 'image', target: await world.descriptor('image-target'), labels: { changed: 'yes' } };
    return images(world).Update({ image, updateMask: { paths: ['labels'] } }, world.options);
  }),
  step('add to the lease', async (world) =>
    leases(world).AddResource({ id: leaseId, resource: await resource(world) }, world.options),
  ),
  step('take from the lease', async (world) =>
    leases(world).DeleteResource({ id: leaseId, resource: await resource(world) }, world.options),
  ),
  step('create a container', (world) => containers(world).Create({ container }, world.options)),
  step('update a container', (world) => {
    const changed = { ...container, labels: { changed: 'yes' } };
    return containers(world).Update({ container: changed, updateMask: { paths: ['labels'] } }, world.options);
  }),
  step('create a namespace', (world) =>
    namespaces(world).Create({ namespace: { name: `${world.namespace}-other` } }, world.options),
  ),
  step('delete a namespace', (world) => namespaces(world).Delete({ name: `${world.namespace}-other` }, world.options)),
];

const snapshotSteps: readonly Step[] = [
  step('prepare a snapshot', (world) =>
    snapshots(world).Prepare({ snapshotter, key: 'base-key', labels: rooted }, world.options),
  ),
  step('extract a layer', async (world) => {
    const { mounts } = await snapshots(world).Mounts({ snapshotter, key: 'base-key' }, world.options);
    return diff(world).Apply({ diff: await world.descriptor('layer'), mounts }, world.options);
  }),
  step('commit a snapshot', (world) =>
    snapshots(world).Commit({ snapshotter, name: 'base', key: 'base-key', labels: rooted }, world.options),
  ),
  step('prepare one on top', (world) =>
    snapshots(world).Prepare({ snapshotter, key: 'upper-key', parent: 'base', labels: rooted }, world.options),
  ),
  step('fill and commit it', async (world) => {
    await world.fill('upper-key', 'from-client');
    return snapshots(world).Commit({ snapshotter, name: 'upper', key: 'upper-key', labels: rooted }, world.options);
  }),
  step('view a snapshot', (world) =>
    snapshots(world).View({ snapshotter, key: 'view', parent: 'upper', labels: rooted }, world.options),
  ),
  step('label a snapshot', (world) => {
    // One of them is for the snapshotter as well.
    const info = { name: 'upper', labels: { ...rooted, changed: 'yes', 'containerd.io/snapshot/changed': 'yes' } };
    return snapshots(world).Update({ snapshotter, info, updateMask: { paths: ['labels'] } }, world.options);
  }),
  step('remove a snapshot', (world) => snapshots(world).Remove({ snapshotter, key: 'view' }, world.options)),
];

const endSteps: readonly Step[] = [
  step('delete a container', (world) => containers(world).Delete({ id: 'c' }, world.options)),
  step('delete an image', (world) => images(world).Delete({ name: 'image', sync: true }, world.options)),
  step('delete the lease', (world) => leases(world).Delete({ id: leaseId, sync: true }, world.options)),
];

/** Passes every failpoint of the stores at least once. */
export const workload: readonly Step[] = [...contentSteps, ...recordSteps, ...snapshotSteps, ...endSteps];

/** Deletes everything in the namespace, whatever of the workload has been done, and the namespace. */
export async function emptyWorld(world: World): Promise<void> {
  const { client, options } = world;
  for (const { id } of (await containers(world).List({}, options)).containers) await containers(world).Delete({ id });
  for (const { name } of (await images(world).List({}, options)).images) await images(world).Delete({ name });
  for (const key of ['view', 'upper', 'upper-key', 'base', 'base-key']) {
    await client
      .service('containerd.services.snapshots.v1.Snapshots')
      .Remove({ snapshotter, key })
      .catch(ignoreMissing);
  }
  const blobs = client.service('containerd.services.content.v1.Content');
  for (const { ref } of (await blobs.ListStatuses({}, options)).statuses) await blobs.Abort({ ref });
  for (const name of ['resumed', 'image-target', 'leased', 'victim', 'layer']) {
    await blobs.Delete({ digest: await world.digest(name) }).catch(ignoreMissing);
  }
  await leases(world).Delete({ id: leaseId }).catch(ignoreMissing);
  for (const name of [`${world.namespace}-other`, world.namespace]) {
    await namespaces(world).Delete({ name }).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
