import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { extract, type Header } from 'tar-stream';
import { expect } from 'vitest';
import { sys } from '../../native/sys.ts';
import { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import type { Side } from '../helpers/side.ts';
import { changeAtRandom, Dice } from '../integration/layer-changes.ts';

const { scenario } = bothDaemons({ daemon: { config: collectWhenAsked } });

const snapshotter = 'overlayfs';

async function filled(side: Side, key: string, parent: string, change: (root: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gd-'));
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Prepare({ snapshotter, key, parent });
  await (await TemporaryMounts.open({ sys }, { directory })).with(mounts, change);
  await rm(directory, { recursive: true });
}

/** What `ctr snapshots diff` writes, but for times: the two daemons' trees are not made at the same moment. */
async function entriesOf({ ctr }: Side, ...args: string[]): Promise<string[]> {
  const [file = '', ...rest] = ctr.argv('snapshots', 'diff', ...args);
  const { stdout } = await execa(file, rest, { encoding: 'buffer', stripFinalNewline: false });
  const entries: string[] = [];
  const archive = extract();
  archive.on('entry', (header, stream, next) => {
    entries.push(describe(header));
    stream.on('end', next).resume();
  });
  await new Promise<void>((resolve, reject) => {
    archive.on('finish', resolve).on('error', reject);
    archive.end(stdout);
  });
  return entries;
}

function describe({ name, type, linkname, mode, uid, gid, size, devmajor, devminor }: Header): string {
  const device = type?.endsWith('-device') ? ` ${devmajor}:${devminor}` : '';
  return `${name} ${type} ${mode?.toString(8)} ${uid}:${gid} ${size}${device}${linkname ? ` -> ${linkname}` : ''}`;
}

for (const seed of [3, 5, 8, 13, 21, 34, 55, 89]) {
  scenario(`ctr snapshots diff tells the same entries after random changes (seed ${seed})`, async (side) => {
    const dice = new Dice(seed);
    const base = `base-${seed}`;
    const changed = `changed-${seed}`;
    await filled(side, `${base}-key`, '', (root) => changeAtRandom(root, dice, 60, { xattrs: false }));
    await side.ctr.ok('snapshots', 'commit', base, `${base}-key`);
    await filled(side, changed, base, (root) => changeAtRandom(root, dice, 40, { xattrs: false }));
    const entries = await entriesOf(side, '--media-type', 'application/vnd.oci.image.layer.v1.tar', changed);
    expect(entries.length).toBeGreaterThan(3);
    return entries;
  });
}

scenario('ctr snapshots diff compresses unless told otherwise, and keeps its blob when told to', async (side) => {
  await filled(side, 'one', '', async (root) => void (await execa('touch', [join(root, 'f')])));
  const [file = '', ...rest] = side.ctr.argv('snapshots', 'diff', '--keep', '--label', 'mine=x', 'one');
  const { stdout } = await execa(file, rest, { encoding: 'buffer', stripFinalNewline: false });
  expect(Buffer.from(stdout.subarray(0, 4)).toString('hex')).toBe('1f8b0800');
  const listed = await side.ctr.ok('content', 'ls');
  expect(listed).toContain('mine=x');
  expect(listed).toContain('containerd.io/uncompressed=sha256:');
});
