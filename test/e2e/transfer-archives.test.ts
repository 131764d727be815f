import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busyboxImage, tarOf, writeArchive } from '../../scripts/busybox-image.ts';
import { eventually } from '../helpers/eventually.ts';
import { NamedStream } from '../helpers/named-stream.ts';
import { describe, machineArchitecture, noise } from '../helpers/oci-image.ts';
import { Side } from '../helpers/side.ts';
import {
  exportArchive,
  exportStream,
  importArchive,
  importStream,
  receiveBytes,
  sendBytes,
  store,
  streamName,
  transfer,
  transferWithProgress,
} from '../helpers/transfers.ts';

let side: Side;
/** An archive with one image, `docker.io/library/busybox:gantry`. */
let archive: Buffer;
const name = 'docker.io/library/busybox:gantry';
const platform = { os: 'linux', architecture: machineArchitecture };
const prefix = { name: 'import', isPrefix: true, allowOverwrite: true };

beforeAll(async () => {
  side = await Side.start('gantryd');
  const path = join(side.daemon.folder, 'busybox.tar');
  await writeArchive(path, await busyboxImage());
  archive = await readFile(path);
});
afterAll(() => side[Symbol.asyncDispose]());

const images = () => side.client.service('containerd.services.images.v1.Images');
const imageNames = async () => (await images().List({})).images.map((image) => image.name);
const leases = async () => (await side.client.service('containerd.services.leases.v1.Leases').List({})).leases;
const streams = async (sent: string) => (await NamedStream.open(side.client, sent))[Symbol.dispose]();

async function removeImages(): Promise<void> {
  for (const image of await imageNames()) await images().Delete({ name: image, sync: true });
}

/** An OCI layout with an image for a machine that this is not. */
function foreignArchive(): Promise<Buffer> {
  const platform = { os: 'plan9', architecture: 's390x' };
  const manifests = [{ ...describe('application/vnd.oci.image.manifest.v1+json', Buffer.from('{}')), platform }];
  return tarOf([
    { name: 'oci-layout', content: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { name: 'index.json', content: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })) },
  ]);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += 1 << 20) yield bytes.subarray(offset, offset + (1 << 20));
}

test('an archive from a stream becomes images, unpacked, and the same archive again', async () => {
  const told = await importArchive(side.client, pieces(archive), {
    extraReferences: [prefix],
    labels: { kind: 'test' },
    platforms: [platform],
    unpacks: [{ platform }],
  });
  expect(told.map(({ event }) => event).filter((event, index, all) => event !== all[index - 1])).toEqual([
    ...['Importing', 'extracting', 'extracted', 'saved', 'Completed import'],
  ]);
  expect(told.at(-2)).toMatchObject({ event: 'saved', name });
  expect(await imageNames()).toEqual([name]);
  const { image } = await images().Get({ name });
  expect(image).toMatchObject({ labels: { kind: 'test' }, target: { digest: told.at(-2)?.desc?.digest } });
  expect(await leases()).toEqual([]);
  expect(await side.ctr.ok('run', '--rm', name, 'c1', 'echo', 'from a stream')).toBe('from a stream\n');

  const first = await exportArchive(side.client, { name });
  const second = await exportArchive(side.client, { extraReferences: [{ name }] });
  expect(second.equals(first)).toBe(true);
  await removeImages();
  await importArchive(side.client, [first], { extraReferences: [prefix] });
  expect((await images().Get({ name })).image?.target?.digest).toBe(image?.target?.digest);
  await removeImages();
});

test('an archive comes compressed, too, and is named as its client says', async () => {
  const { stdout } = await execa('gzip', ['-1'], { input: archive, encoding: 'buffer' });
  await importArchive(
    side.client,
    [Buffer.from(stdout)],
    {
      name: 'example.com/index:1',
      extraReferences: [
        { name: 'docker.io/library/busybox', isPrefix: true, addDigest: true },
        { name: 'elsewhere.org/x', isPrefix: true },
        { name: 'example.com/also:1' },
      ],
    },
    { mediaType: 'application/vnd.oci.image.layout.v1+tar+gzip' },
  );
  const { target } = (await images().Get({ name })).image ?? {};
  const index = (await images().Get({ name: 'example.com/index:1' })).image;
  expect((await imageNames()).sort()).toEqual(
    [
      name,
      `docker.io/library/busybox@${target?.digest}`,
      `docker.io/library/busybox@${index?.target?.digest}`,
      ...['example.com/index:1', 'example.com/also:1'],
    ].sort(),
  );
  const also = (await images().Get({ name: 'example.com/also:1' })).image;
  expect(also?.labels).toMatchObject({ 'containerd.io/gc.bref.image': 'example.com/index:1' });
  await removeImages();
});

test('an image gets more names', async () => {
  await importArchive(side.client, [archive], { extraReferences: [prefix] });
  const told = await transferWithProgress(
    side.client,
    store({ name }),
    store({ name: 'x.org/y:1', labels: { a: 'b' } }),
  );
  expect(told).toEqual([]);
  const [from, to] = await Promise.all([images().Get({ name }), images().Get({ name: 'x.org/y:1' })]);
  expect(to.image?.target).toEqual(from.image?.target);
  expect(to.image?.labels).toEqual({ a: 'b' });
  await expect(transfer(side.client, store({ name: 'nothing' }), store({ name: 'z' }))).rejects.toMatchObject({
    kind: 'not-found',
  });
  await expect(transfer(side.client, store({ name }), store({}))).rejects.toMatchObject({ kind: 'not-found' });
  await removeImages();
});

test('bytes go from one stream to another as they are', async () => {
  const bytes = noise('echo', 3 << 20);
  using from = await NamedStream.open(side.client, streamName('import'));
  using to = await NamedStream.open(side.client, streamName('export'));
  void sendBytes(from, [bytes]);
  const received = Array.fromAsync(receiveBytes(to));
  await transfer(side.client, importStream({ stream: from.name }), exportStream({ stream: to.name }));
  expect(Buffer.concat(await received).equals(bytes)).toBe(true);
});

test('what cannot be is refused, and no stream is left', async () => {
  const from = streamName('import');
  using stream = await NamedStream.open(side.client, from);
  await expect(transfer(side.client, store({ name }), importStream({ stream: from }))).rejects.toMatchObject({
    kind: 'unimplemented',
    message: expect.stringContaining(
      'method Transfer not implemented for containerd.types.transfer.ImageStore to containerd.types.transfer.ImageImportStream',
    ),
  });
  await expect(transfer(side.client, importStream({ stream: 'none' }), store({ name }))).rejects.toMatchObject({
    kind: 'not-found',
  });
  await expect(
    transfer(side.client, store({ name }), store({ name }), { progressStream: 'none' }),
  ).rejects.toMatchObject({ kind: 'not-found' });
  await expect(exportArchive(side.client, { name: 'nothing' })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(exportArchive(side.client, { extraReferences: [prefix] })).rejects.toMatchObject({
    kind: 'unimplemented',
  });
  const refused = importArchive(side.client, [noise('no archive', 100_000)], { name });
  await expect(refused).rejects.toMatchObject({ kind: 'invalid-argument' });
  const importing = importArchive(side.client, [await foreignArchive()], { name, platforms: [platform] });
  await expect(importing).rejects.toMatchObject({
    kind: 'not-found',
    message: `image for linux/${machineArchitecture} in the archive, which has plan9/s390x: not found`,
  });
  expect(await imageNames()).toEqual([]);
  expect(await leases()).toEqual([]);
  stream.end();
});

test('a client that goes in the middle of its archive leaves nothing', async () => {
  const stream = await NamedStream.open(side.client, streamName('import'));
  const half = archive.subarray(0, archive.length / 2);
  const importing = transfer(side.client, importStream({ stream: stream.name }), store({ extraReferences: [prefix] }));
  importing.catch(() => undefined);
  const sent = Promise.withResolvers<void>();
  void sendBytes(
    stream,
    (async function* () {
      yield half;
      sent.resolve();
      await new Promise(() => undefined);
    })(),
  );
  await sent.promise;
  await eventually(async () => expect(await leases()).toHaveLength(1));
  stream[Symbol.dispose]();
  // Node ends a stream before it resets it: a daemon that hears of both at different times has an archive cut short.
  const failure: unknown = await importing.catch((error: unknown) => error);
  expect(failure).toMatchObject({ kind: expect.stringMatching(/^(?:canceled|invalid-argument)$/) });
  expect(await imageNames()).toEqual([]);
  await eventually(async () => expect(await leases()).toEqual([]));
  // The name is free again.
  await streams(stream.name);
});

test('a transfer whose caller goes ends, and so do its streams', async () => {
  await importArchive(side.client, [archive], { extraReferences: [prefix] });
  using stream = await NamedStream.open(side.client, streamName('export'));
  const abort = new AbortController();
  const { signal } = abort;
  // Nobody reads: the window is never opened.
  const exporting = transfer(side.client, store({ name }), exportStream({ stream: stream.name }), { signal });
  exporting.catch(() => undefined);
  await eventually(async () => expect(await leases()).toHaveLength(1));
  abort.abort();
  await expect(exporting).rejects.toMatchObject({ kind: 'canceled' });
  await expect(stream.receive()).rejects.toMatchObject({ kind: 'canceled' });
  await eventually(async () => expect(await leases()).toEqual([]));
  await removeImages();
});

test('who does not listen to progress holds nothing up', async () => {
  using deaf = await NamedStream.open(side.client, streamName('progress'));
  using stream = await NamedStream.open(side.client, streamName('import'));
  void sendBytes(stream, pieces(archive));
  await transfer(side.client, importStream({ stream: stream.name }), store({ extraReferences: [prefix] }), {
    progressStream: deaf.name,
  });
  expect(await imageNames()).toEqual([name]);
  await removeImages();
});

test('a stream that was opened under a lease ends with it', async () => {
  const service = side.client.service('containerd.services.leases.v1.Leases');
  await service.Create({ id: 'l1' });
  using leased = await NamedStream.open(side.client.with({ leaseId: 'l1' }), streamName('leased'));
  using free = await NamedStream.open(side.client, streamName('free'));
  await service.Delete({ id: 'l1' });
  expect(await leased.receive()).toBeUndefined();
  await expect(NamedStream.open(side.client, free.name)).rejects.toMatchObject({ kind: 'already-exists' });
});

test('a transfer under a lease of its client leaves everything to that', async () => {
  const service = side.client.service('containerd.services.leases.v1.Leases');
  await service.Create({ id: 'l2' });
  await importArchive(side.client.with({ leaseId: 'l2' }), [archive], { extraReferences: [prefix] });
  expect((await leases()).map(({ id }) => id)).toEqual(['l2']);
  const { resources } = await service.ListResources({ id: 'l2' });
  expect(resources.filter(({ type }) => type === 'content').length).toBeGreaterThanOrEqual(4);
  await service.Delete({ id: 'l2' });
  await removeImages();
  const { Info } = side.client.service('containerd.services.content.v1.Content');
  const digests = resources.filter(({ type }) => type === 'content').map(({ id }) => id);
  for (const digest of digests) await expect(Info({ digest })).rejects.toMatchObject({ kind: 'not-found' });
});

test('the parts are told under the names that containerd has for them', async () => {
  const { Plugins } = side.client.service('containerd.services.introspection.v1.Introspection');
  const told = (await Plugins({})).plugins.map(({ type, id }) => `${type}.${id}`);
  expect(told).toEqual(
    expect.arrayContaining([
      ...['io.containerd.streaming.v1.manager', 'io.containerd.transfer.v1.local'],
      ...['io.containerd.grpc.v1.streaming', 'io.containerd.grpc.v1.transfer'],
    ]),
  );
});
