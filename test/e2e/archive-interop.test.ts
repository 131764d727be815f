import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportImages } from '../../client/export/export.ts';
import { removeImage } from '../../client/image/store.ts';
import { importImages } from '../../client/import/import.ts';
import { writeArchive } from '../../scripts/busybox-image.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { layoutEntries } from '../helpers/layout.ts';
import {
  busyboxOciImage,
  machineArchitecture,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
} from '../helpers/oci-image.ts';
import { Side } from '../helpers/side.ts';
import { skopeo } from '../helpers/skopeo.ts';

// Archives go from one program to another: whoever wrote one, the others read the same image out of it and can run it.

const name = 'docker.io/library/moved:1';
const several = 'docker.io/library/several:2';
const motd = 'from far away\n';

const stack = new AsyncDisposableStack();
let side: Side;
let docker: DockerSide;
let box: OciImage;
let index: OciImage;
let exported: string;

beforeAll(async () => {
  side = stack.use(await Side.start('gantryd'));
  docker = stack.use(await DockerSide.start('gantryd'));
  box = await busyboxOciImage({ layers: [[{ name: 'etc/motd', content: motd }]] });
  const other = ociImage({ layers: [await noiseLayer('other', 100_000)], architecture: 's390x' });
  index = ociIndex([
    { image: other, architecture: 's390x' },
    { image: box, architecture: machineArchitecture },
  ]);
  const archive = join(side.daemon.folder, 'in.tar');
  await writeArchive(
    archive,
    layoutEntries([
      { image: box, name },
      { image: index, name: several },
    ]),
  );
  await importImages(side.client, createReadStream(archive), { platforms: 'all' });
  exported = await exportedAs('exported.tar', name, several);
});

afterAll(() => stack.disposeAsync());

async function exportedAs(file: string, ...references: string[]): Promise<string> {
  const path = join(side.daemon.folder, file);
  await writeFile(path, exportImages(side.client, references, { allPlatforms: true }));
  return path;
}

/** Imports what another program wrote, runs it, removes it and tells its digest. */
async function imported(path: string): Promise<string | undefined> {
  const { client } = side;
  const [image, ...others] = await importImages(client, createReadStream(path), { baseName: 'example.org/back' });
  expect(others).toEqual([]);
  const back = image?.name ?? '';
  await side.ctr.ok('images', 'tag', '--force', back, 'example.org/run:1');
  await side.ctr.ok('snapshots', 'unpack', image?.target.digest ?? '');
  expect(await side.ctr.ok('run', '--rm', 'example.org/run:1', 'back', 'cat', '/etc/motd')).toBe(motd);
  await removeImage(client, 'example.org/run:1');
  if (back !== name) await removeImage(client, back);
  return image?.target.digest;
}

test('skopeo reads what is exported as an OCI archive, by tag', async () => {
  const raw = async (tag: string) => skopeo('inspect', '--raw', `oci-archive:${exported}:${tag}`);
  expect(await raw('1')).toBe(String(box.blobs.get(box.root.digest)));
  expect(await raw('2')).toBe(String(index.blobs.get(index.root.digest)));
  const copy = join(side.daemon.folder, 'copy');
  await skopeo('copy', '--all', '--preserve-digests', `oci-archive:${exported}:2`, `dir:${copy}`);
  expect(await readFile(join(copy, 'manifest.json'), 'utf8')).toBe(String(index.blobs.get(index.root.digest)));
});

test('skopeo reads what is exported as a Docker archive, by name', async () => {
  for (const reference of ['moved:1', 'several:2']) {
    const config = JSON.parse(await skopeo('inspect', '--config', `docker-archive:${exported}:${reference}`));
    expect(config).toMatchObject({ architecture: machineArchitecture, config: { Cmd: ['sh'] } });
  }
  const layout = join(side.daemon.folder, 'layout');
  await skopeo('copy', `docker-archive:${exported}:moved:1`, `oci:${layout}:x`);
});

test('what skopeo writes is imported', async () => {
  const [oci, saved] = ['oci.tar', 'saved.tar'].map((file) => join(side.daemon.folder, file));
  await skopeo('copy', '--preserve-digests', `oci-archive:${exported}:1`, `oci-archive:${oci}:back`);
  expect(await imported(oci ?? '')).toBe(box.root.digest);
  await skopeo('copy', `oci-archive:${exported}:1`, `docker-archive:${saved}:example.org/back:2`);
  await imported(saved ?? '');
});

test('umoci reads what is exported', async () => {
  const [layout, bundle] = ['umoci', 'bundle'].map((file) => join(side.daemon.folder, file));
  await mkdir(layout ?? '');
  await execa('tar', ['-xf', exported, '-C', layout ?? '']);
  expect((await execa('umoci', ['ls', '--layout', layout ?? ''])).stdout.split('\n').sort()).toEqual(['1', '2']);
  await execa('umoci', ['unpack', '--image', `${layout}:1`, bundle ?? '']);
  expect(await readFile(join(bundle ?? '', 'rootfs/etc/motd'), 'utf8')).toBe(motd);
});

test('docker load reads what is exported, and what docker save writes is imported', async () => {
  expect(await docker.docker.ok('load', '-i', exported)).toBe('Loaded image: moved:1\nLoaded image: several:2\n');
  const id = async (reference: string) => (await docker.docker.ok('inspect', '--format', '{{.Id}}', reference)).trim();
  const { config } = JSON.parse(String(box.blobs.get(box.root.digest)));
  expect([await id('moved:1'), await id('several:2')]).toEqual([config.digest, config.digest]);
  expect(await docker.docker.ok('run', '--rm', 'several:2', 'cat', '/etc/motd')).toBe(motd);
  const saved = join(side.daemon.folder, 'docker.tar');
  await docker.docker.ok('tag', 'moved:1', 'example.org/back:3');
  await docker.docker.ok('save', '-o', saved, 'example.org/back:3');
  await imported(saved);
  await docker.docker.ok('rmi', 'moved:1', 'several:2', 'example.org/back:3');
});

test('what ctr exports of the same images has the same members', async () => {
  const path = join(side.daemon.folder, 'ctr.tar');
  await side.ctr.ok('images', 'export', '--all-platforms', path, several);
  const listing = async (file: string) => (await execa('tar', ['-tvf', file])).stdout.split('\n');
  const ours = await listing(await exportedAs('one.tar', several));
  const theirs = await listing(path);
  // Their index does not say its media type.
  const differs = (line: string) => !line.endsWith(' index.json');
  expect(ours.filter(differs)).toEqual(theirs.filter(differs));
});
