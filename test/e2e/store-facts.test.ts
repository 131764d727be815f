import { expect } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { pack, packJson } from '../../proto/any.ts';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { all } from '../helpers/metadata-fixture.ts';

// What is made here is referred to by nothing; a collection after a deletion must not take it.
const { scenario } = bothDaemons({ daemon: { config: collectWhenAsked } });

const containersOf = (client: Client) => client.service('containerd.services.containers.v1.Containers');
const imagesOf = (client: Client) => client.service('containerd.services.images.v1.Images');
const leasesOf = (client: Client) => client.service('containerd.services.leases.v1.Leases');
const namespacesOf = (client: Client) => client.service('containerd.services.namespaces.v1.Namespaces');
const eventsOf = (client: Client) => client.service('containerd.services.events.v1.Events');
const snapshotsOf = (client: Client) => client.service('containerd.services.snapshots.v1.Snapshots');

/** How a call fails; the text only as far as all releases of containerd agree on it. */
async function failure(call: Promise<unknown>, text?: string): Promise<{ kind: string; text?: string }> {
  const error: unknown = await call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw error;
  if (text === undefined) return { kind: error.kind };
  expect(error.message).toContain(text);
  return { kind: error.kind, text };
}

const runtime = { name: 'io.containerd.runc.v2' };
const spec = packJson('types.containerd.io/opencontainers/runtime-spec/1/Spec', {});
const target = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 1 };

scenario('a container needs what it is made of', async ({ client }) => {
  const create = (init: object) => failure(containersOf(client).Create({ container: { id: 'c', ...init } }));
  const answers = [
    await create({ runtime, spec, snapshotKey: 'k' }),
    await create({ runtime, spec, extensions: { '': spec } }),
    await create({ runtime: { name: '' }, spec }),
    await create({ runtime }),
  ];
  expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'invalid-argument'));
  return answers;
});

scenario('the server sets the times of a container, and keeps what cannot change', async ({ client }) => {
  const service = containersOf(client);
  const forged = { seconds: 1, nanos: 0 };
  const init = { id: 'timed', runtime, spec, snapshotter: 'overlayfs', createdAt: forged, updatedAt: forged };
  const { container: created } = await service.Create({ container: init });
  expect(created?.createdAt?.seconds).toBeGreaterThan(1);
  expect(created?.updatedAt).toEqual(created?.createdAt);
  const update = (change: object, ...paths: string[]) =>
    service.Update({ container: { ...init, ...change }, ...(paths.length > 0 ? { updateMask: { paths } } : {}) });
  const refused = [
    await failure(update({ snapshotter: 'native' }), 'container.Snapshotter field is immutable'),
    await failure(update({ runtime: { name: 'other' } }), 'container.Runtime.Name field is immutable'),
    await failure(update({}, 'snapshotter'), 'cannot update "snapshotter" field on "timed"'),
    await failure(update({}, 'runtime'), 'cannot update "runtime" field on "timed"'),
    await failure(update({ id: 'absent' })),
  ];
  const { container } = await update(
    { labels: { 'a.b': 'c' }, image: 'i', snapshotKey: 'k', extensions: { e: spec } },
    ...['labels.a.b', 'image', 'snapshotkey', 'extensions.e'],
  );
  expect(container?.createdAt).toEqual(created?.createdAt);
  expect(container?.updatedAt).not.toEqual(created?.updatedAt);
  const streamed = (await all(service.ListStream({ filters: ['labels."a.b"==c'] }))).map((each) => each.container?.id);
  await service.Delete({ id: 'timed' });
  const { labels, image, snapshotKey, extensions } = container ?? {};
  return { refused, streamed, labels, image, snapshotKey, extensions: Object.keys(extensions ?? {}) };
});

scenario('an image is replaced whole, or by its mask', async ({ client }) => {
  const service = imagesOf(client);
  const forged = { seconds: 1, nanos: 0 };
  const { image: created } = await service.Create({
    image: { name: 'n', target, labels: { a: 'b' }, createdAt: forged },
  });
  expect(created?.createdAt?.seconds).toBeGreaterThan(1);
  const bigger = { ...target, size: 2, annotations: { k: 'v' } };
  const update = async (change: object, ...paths: string[]) => {
    const updateMask = paths.length > 0 ? { updateMask: { paths } } : {};
    const { image } = await service.Update({ image: { name: 'n', ...change }, ...updateMask });
    return { labels: image?.labels, target: image?.target };
  };
  const states = [
    await update({ labels: { c: 'd' } }, 'labels.c'),
    await update({ labels: { e: 'f' } }, 'labels'),
    await update({ target: bigger }, 'target'),
    await update({ target }),
  ];
  const refused = [
    await failure(
      service.Update({ image: { name: 'n', target }, updateMask: { paths: ['name'] } }),
      'cannot update "name"',
    ),
    await failure(service.Update({ image: { name: 'n' } })),
    await failure(service.Update({ image: { name: 'absent', target } }), 'image "absent": not found'),
    await failure(service.Create({ image: { name: 'n', target } }), 'image "n": already exists'),
    await failure(service.Create({ image: { name: 'm', target: { ...target, size: 0 } } })),
    await failure(service.Create({ image: { name: 'm', target: { ...target, mediaType: '' } } })),
    await failure(service.Create({ image: { name: 'm', target: { ...target, digest: 'sha256:x' } } })),
  ];
  const filters = [`target.digest==${target.digest}`, 'target.mediatype~=manifest', 'name!=n', 'labels.e'];
  const found: number[] = [];
  for (const filter of filters) found.push((await service.List({ filters: [filter] })).images.length);
  await service.Delete({ name: 'n', sync: true });
  return { states, refused, found };
});

scenario('leases hold only what they know', async ({ client }) => {
  const service = leasesOf(client);
  await service.Create({ id: 'l', labels: { a: 'b' } });
  const { lease } = await service.Create({});
  expect(lease?.id).toMatch(/^\d{1,9}-[\w-]{4}$/);
  const add = (type: string, id = 'x') => failure(service.AddResource({ id: 'l', resource: { type, id } }));
  const refused = [
    await failure(service.Create({ id: 'l' }), 'already exists'),
    await add('containers'),
    await add('content', 'nope'),
    await add('snapshots'),
    await failure(service.ListResources({ id: 'absent' }), 'not found'),
    await failure(service.Delete({ id: 'absent' }), 'not found'),
  ];
  for (const type of ['ingests', 'snapshots/overlayfs'])
    await service.AddResource({ id: 'l', resource: { type, id: 'r' } });
  const { resources } = await service.ListResources({ id: 'l' });
  const { leases } = await service.List({ filters: ['labels.a==b', 'id==absent'] });
  for (const id of ['l', lease?.id ?? '']) await service.Delete({ id, sync: true });
  return { refused, resources, leases: leases.map(({ id, labels }) => ({ id, labels })) };
});

scenario('a namespace is changed by label and deleted empty', async ({ client, namespace: own }) => {
  const service = namespacesOf(client);
  const name = `${own}.other`;
  await service.Create({ namespace: { name, labels: { a: 'b', none: '' } } });
  const refused = [
    await failure(service.Create({ namespace: { name } }), 'already exists'),
    await failure(service.Create({ namespace: { name: '../x' } })),
    await failure(service.Update({ namespace: { name }, updateMask: { paths: ['name'] } })),
    await failure(service.Delete({ name: 'absent' }), 'namespace "absent": not found'),
  ];
  // Asked for again: containerd leaves the answer to an update empty.
  const update = async (labels: Record<string, string>, paths: string[]) => {
    await service.Update({ namespace: { name, labels }, updateMask: { paths } });
    return (await service.Get({ name })).namespace?.labels;
  };
  const masked = await update({ c: 'd' }, ['labels.c', 'labels.a']);
  const replaced = await update({ e: 'f' }, []);
  const inside = imagesOf(client.with({ namespace: name }));
  await inside.Create({ image: { name: 'n', target } });
  refused.push(await failure(service.Delete({ name }), 'must be empty, but it still has images'));
  await inside.Delete({ name: 'n' });
  await service.Delete({ name });
  return { refused, masked, replaced };
});

scenario('events need a topic, and forwarded ones all they had', async ({ client, namespace }) => {
  const service = eventsOf(client);
  const event = pack('containerd.events.TaskStart', { containerId: 'c', pid: 1 });
  const envelope = { timestamp: { seconds: 1, nanos: 2 }, namespace, topic: '/tasks/start', event };
  const publish = (topic: string) => failure(service.Publish({ topic, event }));
  const forward = (change: object) => failure(service.Forward({ envelope: { ...envelope, ...change } }));
  return [
    await publish(''),
    await publish('/'),
    await publish('tasks'),
    await publish('/tasks//start'),
    await publish('/a b'),
    await forward({ namespace: '' }),
    await forward({ topic: '' }),
    await forward({ timestamp: null }),
    await failure(service.Subscribe({ filters: ['topic=='] }).next(), 'failed parsing subscription filters'),
  ];
});

scenario('snapshots name their snapshotter and their parents', async ({ client }) => {
  const service = snapshotsOf(client);
  const snapshotter = 'overlayfs';
  await service.Prepare({ snapshotter, key: 'k' });
  const refused = [
    await failure(service.Prepare({ key: 'k' })),
    await failure(service.Prepare({ snapshotter: 'absent', key: 'k' }), 'snapshotter not loaded: absent'),
    await failure(service.Prepare({ snapshotter, key: 'k' })),
    await failure(service.View({ snapshotter, key: 'v', parent: 'absent' })),
    await failure(service.Stat({ snapshotter, key: 'absent' })),
    await failure(service.Commit({ snapshotter, name: 'n', key: 'absent' })),
  ];
  await service.Commit({ snapshotter, name: 'n', key: 'k' });
  await service.View({ snapshotter, key: 'v', parent: 'n' });
  refused.push(await failure(service.Remove({ snapshotter, key: 'n' })));
  const listed = (await all(service.List({ snapshotter, filters: ['kind==view', 'parent==""'] }))).flatMap(
    ({ info }) => info,
  );
  for (const key of ['v', 'n']) await service.Remove({ snapshotter, key });
  return { refused, listed: listed.map(({ name, kind, parent }) => ({ name, kind, parent })) };
});

scenario('plugins are found by type and id', async ({ client }) => {
  const service = client.service('containerd.services.introspection.v1.Introspection');
  const { plugins } = await service.Plugins({ filters: ['type==io.containerd.content.v1', 'id==walking'] });
  const { uuid, pid } = await service.Server({});
  expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
  expect(pid).toBeGreaterThanOrEqual(0);
  const refused = await failure(service.Plugins({ filters: ['type=='] }));
  return {
    found: plugins
      .map(({ type, id }) => `${type} ${id}`)
      .filter((each) => !each.includes('service.v1'))
      .sort(),
    refused,
  };
});
