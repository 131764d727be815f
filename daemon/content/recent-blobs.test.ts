import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readlink, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { all } from '../../test/helpers/metadata-fixture.ts';
import type { ContentReader } from './content.ts';
import { RecentBlobs } from './recent-blobs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-rb-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function blob(name: string, sizeBytes: number): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder, name);
  const bytes = randomBytes(sizeBytes);
  await writeFile(path, bytes);
  return { path, bytes };
}

const read = async (reader: ContentReader, offset: number, length: number) =>
  Buffer.concat(await all(reader.chunks(offset, length)));

/** Told apart by one comparison: of megabytes nobody wants to see the difference. */
const expectSame = (found: Buffer, expected: Buffer) => expect(found.equals(expected)).toBe(true);

/** Files of the folder that this process has open, deleted ones included. */
async function openFiles(): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(folder));
}

test('ranges are right whatever their order and size', async () => {
  const { path, bytes } = await blob('b', 3_000_017);
  const blobs = new RecentBlobs();
  for (const step of [1_000, 32 * 1024, 100_003, 1024 * 1024, 2_000_000]) {
    for (let offset = 0; offset < bytes.length; offset += step) {
      await using reader = await blobs.open(path);
      expectSame(await read(reader, offset, step), bytes.subarray(offset, offset + step));
    }
  }
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 500; round++) {
    const offset = random(bytes.length + 1);
    const length = random(200_000);
    await using reader = await blobs.open(path);
    expectSame(await read(reader, offset, length), bytes.subarray(offset, offset + length));
  }
  blobs.forget(path);
});

test('two who read one blob by turns each get theirs', async () => {
  const { path, bytes } = await blob('b', 2_500_000);
  const blobs = new RecentBlobs();
  const step = 32 * 1024;
  const sequence = async (start: number) => {
    const parts: Buffer[] = [];
    for (let offset = start; offset < bytes.length; offset += step) {
      await using reader = await blobs.open(path);
      parts.push(await read(reader, offset, step));
    }
    return Buffer.concat(parts);
  };
  const [whole, rest] = await Promise.all([sequence(0), sequence(1_000_001)]);
  expectSame(whole, bytes);
  expectSame(rest, bytes.subarray(1_000_001));
  blobs.forget(path);
});

test('a blob is opened once, and closed when nobody reads it any more', async () => {
  const { path } = await blob('b', 10);
  const blobs = new RecentBlobs();
  const readers = await Promise.all([blobs.open(path), blobs.open(path), blobs.open(path)]);
  await eventually(async () => expect((await openFiles()).length).toBe(1));
  for (const reader of readers) await reader.close();
  await readers[0]?.close();
  expect((await openFiles()).length).toBe(1);
  await eventually(async () => expect(await openFiles()).toEqual([]));
});

test('a deleted blob is read to its end by who has it open, and by nobody else', async () => {
  const { path, bytes } = await blob('b', 1_000);
  const blobs = new RecentBlobs();
  const reader = await blobs.open(path);
  await unlink(path);
  blobs.forget(path);
  await expect(blobs.open(path)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await read(reader, 0, 1_000)).toEqual(bytes);
  await reader.close();
  await eventually(async () => expect(await openFiles()).toEqual([]));
});

test('only some stay open when many are read', async () => {
  const blobs = new RecentBlobs();
  for (let index = 0; index < 50; index++) {
    const { path } = await blob(String(index), 10);
    await using reader = await blobs.open(path);
    expect(reader.sizeBytes).toBe(10);
  }
  await eventually(async () => expect((await openFiles()).length).toBeLessThanOrEqual(16));
  await eventually(async () => expect(await openFiles()).toEqual([]));
});
