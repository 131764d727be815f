import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { throughPipe } from '../../daemon/proxy/content-pipe.ts';
import { sys } from '../../native/sys.ts';
import { namespacedProxyHost, proxyHost } from './content-hosts.ts';
import { sharingSuite } from './content-sharing-suite.ts';
import { contentSuite, someContent, writeBlob } from './content-suite.ts';

contentSuite('content store of another process', proxyHost);
contentSuite('namespaced content on a store of another process', namespacedProxyHost);
contentSuite('namespaced content on a store of another process, isolated', () => namespacedProxyHost('isolated'));
sharingSuite('namespaced content on a store of another process', namespacedProxyHost);

/** In a process of its own, as waiting readers would take the threads that the other side needs. */
async function readAll(fd: number): Promise<Buffer> {
  const child = spawn('cat', { stdio: [fd, 'pipe', 'ignore'] });
  return buffer(child.stdout as Readable);
}

describe('what native code reads such a blob from', () => {
  test('gives all bytes, many at once too', async () => {
    await using host = await proxyHost();
    const blobs = Array.from({ length: 8 }, () => someContent(3_000_001));
    for (const { bytes, digest } of blobs) await writeBlob(host.content, digest, bytes);
    const read = (digest: string) =>
      host.store.withSource(digest, (source) => readAll('fd' in source ? source.fd : Number.NaN));
    const found = await Promise.all(blobs.map(({ digest }) => read(digest)));
    expect(found.map((bytes, index) => bytes.equals(blobs[index]?.bytes ?? bytes))).toEqual(blobs.map(() => true));
    await expect(read(someContent(1).digest)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('can be left before its end, with a result or an error', async () => {
    await using host = await proxyHost();
    const { bytes, digest } = someContent(8_000_000);
    await writeBlob(host.content, 'r', bytes);
    expect(await host.store.withSource(digest, async () => 'enough')).toBe('enough');
    const refuse = async () => {
      throw new Error('refused');
    };
    await expect(host.store.withSource(digest, refuse)).rejects.toThrow('refused');
  });

  test('what ended the bytes is told, whatever was made of them', async () => {
    const chunks = async function* () {
      yield Buffer.from('half');
      throw new Error('gone');
    };
    const taken: string[] = [];
    const take = async (fd: number) => void taken.push(String(await readAll(fd)));
    await expect(throughPipe(sys.makePipe(), chunks, take)).rejects.toThrow('gone');
    const refuse = async (fd: number) => {
      await take(fd);
      throw new Error('archive is truncated');
    };
    await expect(throughPipe(sys.makePipe(), chunks, refuse)).rejects.toThrow('gone');
    expect(taken).toEqual(['half', 'half']);
  });

  test('leaves no descriptors', async () => {
    const empty = async function* () {};
    await throughPipe(sys.makePipe(), empty, readAll);
    const before = await open('/dev/null');
    await before.close();
    for (let round = 0; round < 20; round++) await throughPipe(sys.makePipe(), empty, readAll);
    const after = await open('/dev/null');
    await after.close();
    expect(after.fd).toBe(before.fd);
  });
});

test('garbage goes: what is neither used nor held, and ingests that nobody knows or writes', async () => {
  await using host = await proxyHost();
  const { store, content, far } = host;
  const blobs = ['used', 'held', 'gone'].map((name) => ({ name, ...someContent(100) }));
  for (const { name, bytes } of blobs) await writeBlob(content, name, bytes);
  const [used, held, gone] = blobs.map(({ digest }) => digest);
  const release = await store.hold(held ?? '');
  const all = blobs.map(({ digest }) => digest);
  expect(await store.deleteUnused(all, (digest) => digest === used)).toBe(1);
  expect((await far.list()).map(({ digest }) => digest).sort()).toEqual([used, held].sort());
  // A store that is a daemon keeps what this one has not deleted.
  for (const { labels } of await far.list()) expect(Object.keys(labels)).toEqual(['containerd.io/gc.root']);
  release();
  expect(await store.deleteUnused([held ?? '', gone ?? ''], () => false)).toBe(2);

  for (const ref of ['known', 'stale']) await (await content.writer({ ref })).close();
  await using _ = await content.writer({ ref: 'open' });
  expect(await store.removeStaleIngests(() => ['known'])).toBe(1);
  expect((await far.statuses()).map(({ ref }) => ref).sort()).toEqual(['known', 'open']);
  expect([store.isOpen('open'), store.isOpen('known'), store.takeLeftovers()]).toEqual([true, false, false]);
});

test('a blob whose record fails is looked for by the next collection', async () => {
  await using host = await proxyHost();
  const { bytes } = someContent(10);
  await using writer = await host.store.writer({ ref: 'r' });
  await writer.write(bytes);
  const register = async () => {
    throw new Error('disk full');
  };
  await expect(writer.commit({ register })).rejects.toThrow('disk full');
  expect([host.store.takeLeftovers(), host.store.takeLeftovers()]).toEqual([true, false]);
});
