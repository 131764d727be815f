import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeAll, expect } from 'vitest';
import { exportImages } from '../../client/export/export.ts';
import { writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import { type ArchivedImage, layoutEntries } from '../helpers/layout.ts';
import {
  busyboxLayer,
  busyboxOciImage,
  machineArchitecture,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
} from '../helpers/oci-image.ts';
import type { Side } from '../helpers/side.ts';
import { storesOf } from '../helpers/stores.ts';

const { scenario } = bothDaemons();

const otherArchitecture = 's390x';
const [source, made] = ['example.org/source:1', 'example.org/made:1'];

let box: OciImage;
let other: OciImage;
let index: OciImage;
let docker: OciImage;

beforeAll(async () => {
  box = await busyboxOciImage({ layers: [[{ name: 'etc/motd', content: 'converted\n' }]] });
  other = ociImage({ layers: [await noiseLayer('other', 100_000)], architecture: otherArchitecture });
  index = ociIndex([
    { image: box, architecture: machineArchitecture },
    { image: other, architecture: otherArchitecture },
  ]);
  docker = ociImage({ layers: [await busyboxLayer(), await noiseLayer('top', 50_000)], types: 'docker' });
});

async function importOf(side: Side, images: readonly ArchivedImage[], ...flags: string[]): Promise<void> {
  const path = join(side.daemon.folder, 'in.tar');
  await writeArchive(path, layoutEntries(images));
  await new Gantry(side).ok('import', ...flags, path);
}

async function collect({ ctr }: Side): Promise<void> {
  await ctr.ok('leases', 'create', '--id', 'collect');
  await ctr.ok('leases', 'rm', '--sync', 'collect');
}

/** Removes all images; then nothing may be left. */
async function removeAll(side: Side): Promise<void> {
  const { images } = await storesOf(side.client);
  if (images.length > 0) await new Gantry(side).ok('rmi', ...images.map(({ name }) => name));
  await collect(side);
  expect(await storesOf(side.client)).toEqual({ images: [], blobs: [], writing: [], snapshots: [], leases: [] });
}

scenario('convert makes what ctr makes, with the labels that keep it', async (side) => {
  const gantry = new Gantry(side);
  for (const [image, flags] of [
    [index, ['--uncompress', '--all-platforms']],
    [index, ['--uncompress', '--oci']],
    [index, ['--platform', `linux/${otherArchitecture}`]],
    [docker, ['--oci']],
    [docker, ['--uncompress', '--oci']],
    [docker, ['--uncompress']],
  ] as const) {
    await importOf(side, [{ image, name: source }], '--all-platforms');
    const theirs = (await side.ctr.ok('images', 'convert', ...flags, source, made)).trim();
    await side.ctr.ok('images', 'rm', '--sync', made);
    expect((await gantry.ok('convert', ...flags, source, made)).trim(), flags.join(' ')).toBe(theirs);
    await gantry.ok('rmi', source);
    await collect(side);
    // Every blob is read, and has its digest.
    expect((await buffer(exportImages(side.client, [made], { allPlatforms: true }))).length).toBeGreaterThan(100_000);
    await removeAll(side);
  }
});

scenario('a converted image runs, whatever its layers are compressed with', async (side) => {
  const gantry = new Gantry(side);
  const digests = [];
  await importOf(side, [{ image: box, name: source }]);
  for (const flag of ['--uncompress', '--zstd', '--gzip']) {
    const [printed] = await gantry.json<[{ digest: string }]>('convert', flag, source, made);
    digests.push(printed?.digest);
    // What is there already has not to be unpacked again, so its snapshots go first.
    await gantry.ok('rmi', source);
    await collect(side);
    expect(await gantry.ok('run', '--rm', made, 'cat', '/etc/motd')).toBe('converted\n');
    await gantry.ok('convert', made, source);
  }
  expect(new Set(digests).size).toBe(3);
  await removeAll(side);
  return digests;
});

scenario('convert --zstd is told by the bytes and gives OCI types', async (side) => {
  await importOf(side, [{ image: docker, name: source }]);
  await new Gantry(side).ok('convert', '--zstd', source, made);
  const { blobs, images } = await storesOf(side.client);
  const target = images.find(({ name }) => name === made);
  expect(target?.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  const manifest = JSON.parse(await side.ctr.ok('content', 'get', target?.digest ?? ''));
  for (const layer of manifest.layers) {
    expect(layer.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd');
    expect(blobs.find(({ digest }) => digest === layer.digest)?.labels).toHaveProperty(['containerd.io/uncompressed']);
  }
  await removeAll(side);
  return target;
});

scenario('convert --add puts the platforms of several images into one index', async (side) => {
  const gantry = new Gantry(side);
  await importOf(side, [
    { image: box, name: 'example.org/box:1' },
    { image: other, name: 'example.org/other:1' },
  ]);
  const digest = (await gantry.ok('convert', '--add', 'example.org/other:1', 'example.org/box:1', made)).trim();
  expect(await side.ctr.ok('images', 'ls', `name==${made}`)).toContain(
    `linux/${machineArchitecture},linux/${otherArchitecture}`,
  );
  await gantry.ok('rmi', 'example.org/box:1', 'example.org/other:1');
  expect(await gantry.ok('run', '--rm', made, 'cat', '/etc/motd')).toBe('converted\n');
  const twice = await gantry.try(['convert', '--add', made, made, 'example.org/twice:1']);
  expect(twice).toMatchObject({ code: 0, stdout: `${digest}\n` });
  const clash = await gantry.try(['convert', '--gzip', '--zstd', made, 'example.org/clash:1']);
  expect(clash).toMatchObject({
    code: 1,
    stderr: 'gantry: only one of --uncompress, --gzip and --zstd can be given\n',
  });
  await removeAll(side);
  return digest;
});

scenario('what cannot be converted is told, and leaves nothing', async (side) => {
  const gantry = new Gantry(side);
  const answers = [];
  await importOf(side, [{ image: index, name: source }], '--all-platforms');
  for (const args of [
    ['example.org/absent:1', made],
    [source, 'UPPER'],
    ['--platform', 'linux/riscv64', source, made],
    ['--platform', 'x', source, made],
    ['--add', 'example.org/absent:1', source, made],
  ]) {
    const { code, stderr, stdout } = await gantry.try(['convert', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    answers.push(stderr);
  }
  expect((await storesOf(side.client)).images.map(({ name }) => name)).toEqual([source]);
  await removeAll(side);
  return answers;
});
