import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { keepBlob } from '../helpers/keep-blob.ts';
import { Side } from '../helpers/side.ts';

/** Writes until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [1024 * 1024, 4096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size, 1));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
    }
  } finally {
    closeSync(file);
  }
}

const freeBytes = (path: string) => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};

const reserveOf = ({ daemon }: Side) => join(daemon.root, 'io.containerd.metadata.v1.level.reserve');

/** Runs `body` with a daemon whose root is a small file system of its own, space for deletions kept back. */
async function onSmallDisk(body: (side: Side) => Promise<void>): Promise<void> {
  await using side = await Side.start('gantryd');
  const { daemon } = side;
  await daemon.kill();
  rmSync(daemon.root, { recursive: true });
  mkdirSync(daemon.root);
  await sys.mount({ type: 'tmpfs', source: 'tmpfs', target: daemon.root, options: ['size=200m'] });
  try {
    await daemon.start();
    await eventually(() => expect(existsSync(reserveOf(side))).toBe(true));
    await body(side);
  } finally {
    await daemon.kill();
    await sys.unmount(daemon.root, { detach: true });
  }
}

test('on a full disk reads, deletions and prune go on, and free it', async () => {
  await onSmallDisk(async (side) => {
    const { daemon, ctr } = side;
    const gantry = new Gantry(side);
    const blobs: string[] = [];
    for (let index = 0; index < 4; index++) {
      blobs.push(await keepBlob(side, randomBytes(10 * 1024 * 1024)));
    }
    await ctr.ok('snapshots', 'prepare', 'writable');
    // Records whose deletion frees nothing but takes room in the log.
    const images = side.client.service('containerd.services.images.v1.Images');
    const names = Array.from({ length: 60 }, (_, index) => `${'x'.repeat(200)}-${index}`);
    const target = { mediaType: 'application/octet-stream', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
    for (const name of names) await images.Create({ image: { name, target } });
    const stray = join(daemon.root, 'io.containerd.content.v1.content/blobs/sha256', 'a'.repeat(64));
    writeFileSync(stray, randomBytes(5 * 1024 * 1024));

    const ballast = join(daemon.root, 'ballast');
    fill(ballast);
    expect(freeBytes(daemon.root)).toBe(0);
    expect((await ctr.try(['content', 'ingest', 'too-much'], { input: randomBytes(100_000) })).code).not.toBe(0);
    const [kept = '', ...others] = blobs;
    expect((await ctr.ok('content', 'ls', '-q')).trim().split('\n').sort()).toEqual([...blobs].sort());
    expect((await ctr.ok('content', 'get', kept)).length).toBeGreaterThan(0);

    expect(existsSync(reserveOf(side))).toBe(true);
    for (const name of names) await images.Delete({ name });
    expect(existsSync(reserveOf(side))).toBe(false);
    expect((await images.List({})).images).toEqual([]);
    await ctr.ok('content', 'rm', ...others);
    await ctr.ok('snapshots', 'rm', 'writable');
    const { failures } = await gantry.json<{ failures: unknown[] }>('prune');
    expect(failures).toEqual([]);
    expect(existsSync(stray)).toBe(false);
    await eventually(() => expect(freeBytes(daemon.root)).toBeGreaterThan(20 * 1024 * 1024));

    // What was on the full disk and what comes after it survive a kill.
    await keepBlob(side, Buffer.from('enough'));
    await daemon.crash();
    expect((await ctr.ok('content', 'ls', '-q')).trim().split('\n')).toContain(kept);
    rmSync(ballast);
    expect(await gantry.json('doctor', '--verify')).toEqual({ findings: [] });
  });
});

test('a daemon starts on a full disk and shows what it has', async () => {
  await onSmallDisk(async (side) => {
    const { daemon, ctr } = side;
    const digest = await keepBlob(side, randomBytes(1024 * 1024));
    fill(join(daemon.root, 'ballast'));
    await daemon.crash();
    expect(await ctr.ok('content', 'ls', '-q')).toBe(`${digest}\n`);
    expect(existsSync(reserveOf(side))).toBe(false);
    expect(readdirSync(daemon.root)).not.toContain('damaged');
    await ctr.ok('content', 'rm', digest);
    expect(await new Gantry(side).json('doctor')).toEqual({ findings: [] });
  });
});
