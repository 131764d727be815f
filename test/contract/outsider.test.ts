import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageDefinition } from '@grpc/proto-loader';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../scripts/busybox-image.ts';
import { onBoth } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Message, Outsider } from '../helpers/outsider.ts';
import { Side } from '../helpers/side.ts';

const { scenario } = onBoth((kind) => Side.start(kind));

/** Told by our server, used against both. */
let definitions: PackageDefinition;
beforeAll(async () => {
  await using side = await Side.start('gantryd');
  definitions = await Outsider.reflect(side.daemon.address);
});

const services = 'containerd.services';
const snapshotter = 'overlayfs';
const specType = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';
const processType = 'types.containerd.io/opencontainers/runtime-spec/1/Process';

/** A map as it travels: the loader reads descriptors without looking for maps. */
const entries = (map: Readonly<Record<string, string>>) => Object.entries(map).map(([key, value]) => ({ key, value }));

const pinned = entries({ 'containerd.io/gc.root': 'now' });

const jsonAny = (type_url: string, value: object) => ({ type_url, value: Buffer.from(JSON.stringify(value)) });

const processOf = (...args: string[]) => ({ args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } });

const specOf = (namespace: string, id: string, ...args: string[]) => ({
  ociVersion: '1.0.2',
  process: processOf(...args),
  root: { path: 'rootfs' },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: {
    cgroupsPath: `/${namespace}/${id}`,
    namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
  },
});

async function importLayer(api: Outsider): Promise<Message> {
  const data = (await busyboxImage()).find(({ name }) => name.startsWith('blobs/'))?.content as Buffer;
  const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
  const content = `${services}.content.v1.Content`;
  const half = data.length >> 1;
  const answers = await api.converse(content, 'Write', [
    { action: 'WRITE', ref: 'layer', total: data.length, expected: digest, offset: 0, data: data.subarray(0, half) },
    { action: 'WRITE', ref: 'layer', offset: half, data: data.subarray(half) },
    {
      action: 'COMMIT',
      ref: 'layer',
      offset: data.length,
      expected: digest,
      labels: pinned,
    },
  ]);
  expect(answers.at(-1)).toMatchObject({ action: 'COMMIT', offset: data.length, digest });
  const { info } = await api.call(content, 'Info', { digest });
  expect(info).toMatchObject({ digest, size: data.length });
  return { media_type: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: data.length };
}

/** Makes a snapshot of the layer and a writable one on it; returns how to mount that. */
async function unpack(api: Outsider, layer: Message): Promise<Message[]> {
  const snapshots = `${services}.snapshots.v1.Snapshots`;
  const { mounts } = await api.call(snapshots, 'Prepare', { snapshotter, key: 'unpacking', labels: pinned });
  const { applied } = await api.call(`${services}.diff.v1.Diff`, 'Apply', { diff: layer, mounts });
  expect(applied).toMatchObject({ media_type: 'application/vnd.oci.image.layer.v1.tar' });
  await api.call(snapshots, 'Commit', { snapshotter, key: 'unpacking', name: 'busybox', labels: pinned });
  const prepared = await api.call(snapshots, 'Prepare', {
    snapshotter,
    key: 'writable',
    parent: 'busybox',
    labels: pinned,
  });
  return prepared['mounts'];
}

async function clean(api: Outsider, id: string, layer: Message): Promise<void> {
  await api.call(`${services}.containers.v1.Containers`, 'Delete', { id });
  for (const key of ['writable', 'busybox']) {
    await api.call(`${services}.snapshots.v1.Snapshots`, 'Remove', { snapshotter, key });
  }
  await api.call(`${services}.content.v1.Content`, 'Delete', { digest: layer['digest'] });
}

scenario('a client made of reflection runs a container, without an image', async ({ daemon, namespace }) => {
  using api = new Outsider(definitions, daemon.address, namespace);
  const tasks = `${services}.tasks.v1.Tasks`;
  const topics: string[] = [];
  const events = api.read(`${services}.events.v1.Events`, 'Subscribe', { filters: [`namespace==${namespace}`] });
  events.on('data', ({ topic }) => topics.push(topic)).on('error', () => undefined);

  const layer = await importLayer(api);
  const rootfs = await unpack(api, layer);
  const id = 'outside';
  const script = 'echo out; trap "exit 17" TERM; while :; do usleep 10000; done';
  await api.call(`${services}.containers.v1.Containers`, 'Create', {
    container: {
      id,
      labels: entries({ made: 'outside' }),
      runtime: { name: 'io.containerd.runc.v2' },
      spec: jsonAny(specType, specOf(namespace, id, 'sh', '-c', script)),
      snapshotter,
      snapshot_key: 'writable',
    },
  });

  const output = (name: string) => join(daemon.folder, `${name}.log`);
  const written = (name: string) => readFileSync(output(name), 'utf8');
  // Both, as containerd's shim fails with one alone.
  const logged = (name: string) => ({ stdout: `file://${output(name)}`, stderr: `file://${output(name)}` });
  const created = await api.call(tasks, 'Create', { container_id: id, rootfs, ...logged('task') });
  expect((await api.call(tasks, 'Get', { container_id: id }))['process']).toMatchObject({ status: 'CREATED' });
  const waiting = api.call(tasks, 'Wait', { container_id: id });
  const started = await api.call(tasks, 'Start', { container_id: id });
  expect(started['pid']).toBe(created['pid']);
  await eventually(() => expect(written('task')).toBe('out\n'));

  const exec = { container_id: id, exec_id: 'second' };
  const spec = jsonAny(processType, processOf('sh', '-c', 'echo inside; exit 5'));
  await api.call(tasks, 'Exec', { ...exec, spec, ...logged('exec') });
  const execEnded = api.call(tasks, 'Wait', exec);
  await api.call(tasks, 'Start', exec);
  expect(await execEnded).toMatchObject({ exit_status: 5 });
  expect(await api.call(tasks, 'DeleteProcess', exec)).toMatchObject({ id: 'second', exit_status: 5 });
  expect(written('exec')).toBe('inside\n');

  await api.call(tasks, 'Kill', { container_id: id, signal: 15 });
  expect(await waiting).toMatchObject({ exit_status: 17 });
  expect(await api.call(tasks, 'Delete', { container_id: id })).toMatchObject({ exit_status: 17, pid: created['pid'] });
  const gone = await api.call(tasks, 'Get', { container_id: id }).catch(({ code, details }) => ({ code, details }));
  await clean(api, id, layer);
  await eventually(() => expect(topics).toContain('/snapshot/remove'));
  events.cancel();
  return { gone, topics: topics.filter((topic) => /^.(tasks|containers)/.test(topic)) };
});
