import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sys } from './sys.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-hash-'));
});

afterAll(() => rm(directory, { recursive: true }));

const reference = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));

test('the digest can be asked for at any time and equals that of another implementation', async () => {
  const hasher = sys.createHasher();
  expect(hasher.digest()).toBe(reference(Buffer.alloc(0)));
  for (let start = 0; start < bytes.length; start += 77_777) {
    await hasher.update(bytes.subarray(start, start + 77_777));
    expect(hasher.digest()).toBe(reference(bytes.subarray(0, hasher.sizeBytes)));
  }
  expect(hasher.sizeBytes).toBe(bytes.length);
  expect(hasher.digest()).toBe(reference(bytes));
});

test('write puts the bytes at their position and takes them in', async () => {
  const path = join(directory, 'blob');
  const file = await open(path, 'w');
  const hasher = sys.createHasher();
  await hasher.write(file.fd, bytes.subarray(0, 100_000), 0);
  await hasher.write(file.fd, bytes.subarray(100_000), 100_000);
  await file.close();
  expect((await readFile(path)).equals(bytes)).toBe(true);
  expect(hasher.digest()).toBe(reference(bytes));
});

test('a failed write takes nothing in', async () => {
  const hasher = sys.createHasher();
  const file = await open(join(directory, 'read-only'), 'w+');
  const readOnly = await open(join(directory, 'read-only'), 'r');
  await expect(hasher.write(readOnly.fd, bytes, 0)).rejects.toThrow(
    /pwrite descriptor \d+: bad file descriptor \(EBADF\)/,
  );
  expect(hasher.digest()).toBe(reference(Buffer.alloc(0)));
  await file.close();
  await readOnly.close();
});

test('two operations at once on one hasher are refused, and the first is not disturbed', async () => {
  const hasher = sys.createHasher();
  const first = hasher.update(bytes);
  await expect(hasher.update(bytes)).rejects.toMatchObject({ kind: 'failed-precondition' });
  expect(() => hasher.digest()).toThrow('EBUSY');
  await first;
  expect(hasher.digest()).toBe(reference(bytes));
});

test('a file is hashed whole, with its size', async () => {
  const path = join(directory, 'file');
  await writeFile(path, bytes);
  expect(await sys.hashFile(path)).toEqual({ digest: reference(bytes), sizeBytes: bytes.length });
  await expect(sys.hashFile(join(directory, 'none'))).rejects.toMatchObject({ kind: 'not-found' });
  await expect(sys.hashFile(directory)).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('hashing a file stops when aborted', async () => {
  const path = join(directory, 'huge');
  await writeFile(path, '');
  await truncate(path, 100 * 2 ** 30);
  const controller = new AbortController();
  const hashing = sys.hashFile(path, { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('too long')));
  await expect(hashing).rejects.toThrow('too long');
});

test('hashing is fast enough not to be what a pull waits for', async () => {
  const hasher = sys.createHasher();
  const block = Buffer.alloc(2 ** 20, 7);
  const start = performance.now();
  for (let i = 0; i < 128; i++) await hasher.update(block);
  const megabytesPerSecond = 128 / ((performance.now() - start) / 1000);
  console.log(`sha256: ${megabytesPerSecond.toFixed(0)} MiB/s`);
  expect(megabytesPerSecond).toBeGreaterThan(100);
});
