import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { randomHex } from '../../base/ids.ts';
import { member, tarOf } from '../../native/tar-fixture.ts';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { writeImageArchive } from '../helpers/image-archive.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons();

const good = tarOf(member.directory('d'), member.file('d/file', 'content'.repeat(1000)));

interface BadImage {
  readonly what: string;
  readonly layer: Buffer;
  /** Of the bytes that come out, unless the image lies. */
  readonly diffId?: string;
  /** Words of the daemon's own that Gantry must use. */
  readonly ours: RegExp;
}

const images: readonly BadImage[] = [
  {
    what: 'a hard link to outside',
    layer: gzipSync(tarOf(member.link('../../outside', 'd'))),
    ours: /linkat d: .*ENOENT/,
  },
  {
    what: 'a gzip stream that is cut short',
    layer: gzipSync(good).subarray(0, -12),
    ours: /compressed layer is cut short/,
  },
  {
    what: 'garbage after gzip',
    layer: Buffer.concat([gzipSync(good), Buffer.from('?')]),
    ours: /garbage after the gzip/,
  },
  { what: 'a tar that is cut short', layer: gzipSync(good.subarray(0, 1500)), ours: /runcated/ },
  { what: 'no tar', layer: gzipSync(Buffer.alloc(5000, 'x')), ours: /Unrecognized archive format|invalid tar/ },
  { what: 'another diff id', layer: gzipSync(good), diffId: sha256Of(Buffer.from('other')), ours: /wrong diff id/ },
  {
    what: 'a name of 64 KiB',
    layer: gzipSync(tarOf({ ...member.file('x'), pax: { path: 'a'.repeat(65_536) } })),
    ours: /name is longer/,
  },
];

/** Directories that a snapshot's files lie in. */
function snapshotFolders({ kind, daemon }: Side): string[] {
  const folder = join(daemon.root, 'io.containerd.snapshotter.v1.overlayfs/snapshots');
  return kind === 'gantryd' && existsSync(folder) ? readdirSync(folder) : [];
}

for (const { what, layer, diffId, ours } of images) {
  scenario(`a layer with ${what} is refused, and nothing is left of it`, async (side) => {
    const { ctr, daemon, kind } = side;
    const name = `docker.io/library/bad-${randomHex(4)}:latest`;
    const path = join(daemon.folder, 'bad');
    const archive = `${path}.tar`;
    writeFileSync(path, layer);
    const lies = diffId === undefined ? {} : { diffIds: [diffId] };
    const diffIds = { diffIds: [sha256Of(good)], ...lies };
    const { digest } = await writeImageArchive(archive, { name, layers: [path], compression: 'gzipped', ...diffIds });
    await ctr.ok('images', 'import', '--no-unpack', archive);
    const error = await ctr.fails('snapshots', 'unpack', digest);
    if (kind === 'gantryd') expect(error).toMatch(ours);
    const snapshots = (await ctr.ok('snapshots', 'ls')).trim().split('\n').slice(1);
    await eventually(() => expect(snapshotFolders(side)).toEqual([]));
    await ctr.ok('images', 'rm', '--sync', name);
    return { snapshots };
  });
}
