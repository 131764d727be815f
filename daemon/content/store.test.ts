import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { sys } from '../../native/sys.ts';
import { digestOf, someContent } from '../../test/contract/content-suite.ts';
import { all } from '../../test/helpers/metadata-fixture.ts';
import { shortTempFolder } from '../../test/helpers/paths.ts';
import { ContentStore, type ContentSys } from './store.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = shortTempFolder();
  root = join(folder, 'content');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (over: Partial<ContentSys> = {}) =>
  ContentStore.open(root, { sys: { ...sys, ...over }, clock: systemClock });

async function onlyIngest(): Promise<string> {
  const names = await readdir(join(root, 'ingest'));
  expect(names.length).toBe(1);
  return join(root, 'ingest', names[0] as string);
}

describe('ingests', () => {
  test('survive a restart in containerd layout', async () => {
    const { bytes, digest } = someContent(100_000);
    const first = await (await open()).writer({ ref: 'layer-x', total: 100_000 });
    await first.write(bytes.subarray(0, 60_000));
    const left = first.status();
    // No close: the first process is gone as if killed.
    const path = await onlyIngest();
    expect((await readdir(path)).sort()).toEqual(['data', 'ref', 'startedat', 'total', 'updatedat']);
    expect(await readFile(join(path, 'ref'), 'utf8')).toBe('layer-x');
    expect(await readFile(join(path, 'total'), 'utf8')).toBe('100000');
    expect(Date.parse(await readFile(join(path, 'startedat'), 'utf8'))).toBeGreaterThan(Date.now() - 60_000);

    await using second = await (await open()).writer({ ref: 'layer-x', total: 100_000 });
    expect(second.status()).toMatchObject({ offset: 60_000, total: 100_000, startedAt: left.startedAt });
    expect(second.digest()).toBe(digestOf(bytes.subarray(0, 60_000)));
    await second.write(bytes.subarray(60_000));
    await second.commit({ expected: digest });
    expect(await readdir(join(root, 'ingest'))).toEqual([]);
    await first.close();
  });

  test.each(['ref', 'startedat', 'data'])('without a usable %s start over', async (name) => {
    const store = await open();
    const first = await store.writer({ ref: 'r' });
    await first.write(Buffer.from('old'));
    await first.close();
    const path = join(await onlyIngest(), name);
    if (name === 'data') await rm(path);
    else await writeFile(path, 'zzz');
    if (name !== 'ref') expect(await all(store.statuses())).toEqual([]);
    await using second = await store.writer({ ref: 'r' });
    expect(second.status().offset).toBe(0);
    await second.write(Buffer.from('new'));
    await second.commit({ expected: digestOf(Buffer.from('new')) });
  });

  test('of another total start over', async () => {
    const store = await open();
    const first = await store.writer({ ref: 'r', total: 10 });
    await first.write(Buffer.from('12345'));
    await first.close();
    await using second = await store.writer({ ref: 'r', total: 11 });
    expect(second.status()).toMatchObject({ offset: 0, total: 11 });
  });

  test('outlive a commit that does not get to its end, and no longer touch the blob', async () => {
    const store = await open();
    const { bytes, digest } = someContent(1_000);
    const first = await store.writer({ ref: 'r' });
    await first.write(bytes);
    const register = () => Promise.reject(new Error('no room for the record'));
    await expect(first.commit({ register })).rejects.toThrow('no room for the record');
    expect(await store.status('r')).toMatchObject({ offset: 1_000 });

    const second = await store.writer({ ref: 'r' });
    expect(second.digest()).toBe(digest);
    await second.truncate();
    await second.write(Buffer.from('something else'));
    await second.close();
    expect(await readFile(store.blobPath(digest))).toEqual(bytes);
    expect(await store.info(digest)).toMatchObject({ size: 1_000 });
  });

  test('that are aborted while being written cannot be committed, and their ref is free afterwards', async () => {
    const store = await open();
    const writer = await store.writer({ ref: 'r' });
    await writer.write(Buffer.from('abc'));
    await store.abort('r');
    await expect(writer.commit()).rejects.toMatchObject({ kind: 'not-found' });
    await writer.close();
    await using again = await store.writer({ ref: 'r' });
    expect(again.status().offset).toBe(0);
  });

  test('a failed write leaves what was there before', async () => {
    const store = await open({
      createHasher: () => {
        const hasher = sys.createHasher();
        return {
          update: (bytes) => hasher.update(bytes),
          digest: () => hasher.digest(),
          write: async (fd, bytes, position) => {
            if (bytes.length !== 7) return hasher.write(fd, bytes, position);
            // As a full disk does: a part arrives, and none of it is hashed.
            await sys.createHasher().write(fd, bytes.subarray(0, 3), position);
            throw new Error('no space left on device');
          },
        };
      },
    });
    const writer = await store.writer({ ref: 'r' });
    await writer.write(Buffer.from('good'));
    await expect(writer.write(Buffer.from('7 bytes'))).rejects.toThrow('no space');
    expect(writer.status().offset).toBe(4);
    expect((await stat(join(await onlyIngest(), 'data'))).size).toBe(4);
    await writer.commit({ expected: digestOf(Buffer.from('good')) });
    expect((await all(store.list())).map(({ digest }) => digest)).toEqual([digestOf(Buffer.from('good'))]);
  });
});

describe('writers', () => {
  test('are of no use once closed or committed, and close as often as wanted', async () => {
    const store = await open();
    const writer = await store.writer({ ref: 'r' });
    await writer.write(Buffer.from('x'));
    await writer.commit();
    for (const step of [() => writer.write(Buffer.from('y')), () => writer.truncate(), () => writer.commit()]) {
      await expect(step()).rejects.toMatchObject({ kind: 'failed-precondition' });
    }
    await writer.close();
    await writer.close();
    // Closing again must not unlock what is by now another writer's.
    await using _ = await store.writer({ ref: 'r' });
    await writer.close();
    await expect(store.writer({ ref: 'r' })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('keep the order of calls that do not wait for each other', async () => {
    const store = await open();
    const writer = await store.writer({ ref: 'r' });
    const pieces = Array.from({ length: 50 }, (_, index) => Buffer.alloc(1000 + index, index));
    await Promise.all([...pieces.map((piece) => writer.write(piece)), writer.commit()]);
    expect(await store.info(digestOf(Buffer.concat(pieces)))).toMatchObject({ size: Buffer.concat(pieces).length });
  });

  test('let go of the ref when they cannot be opened', async () => {
    const store = await open();
    const { bytes, digest } = someContent(10);
    const writer = await store.writer({ ref: 'r' });
    await writer.write(bytes);
    await writer.commit();
    for (let round = 0; round < 2; round++) {
      await expect(store.writer({ ref: 'r', expected: digest })).rejects.toMatchObject({ kind: 'already-exists' });
    }
    await expect(store.writer({ ref: 'r', expected: 'sha256:nope' })).rejects.toMatchObject({
      kind: 'invalid-argument',
    });
    await (await store.writer({ ref: 'r' })).close();
  });

  test('let go of the ref at once when they are given up while hashing what is there', async () => {
    const store = await open();
    const first = await store.writer({ ref: 'r' });
    await first.write(Buffer.alloc(3_000_000));
    await first.close();
    const controller = new AbortController();
    controller.abort(new Error('client vanished'));
    await expect(store.writer({ ref: 'r', signal: controller.signal })).rejects.toThrow('client vanished');
    await using again = await store.writer({ ref: 'r' });
    expect(again.status().offset).toBe(3_000_000);
  });

  test.each(['sha384', 'sha512'])('take a %s digest at commit', async (algorithm) => {
    const store = await open();
    const { bytes } = someContent(3_000_000);
    const expected = digestOf(bytes, algorithm);
    await using wrong = await store.writer({ ref: 'r' });
    await wrong.write(bytes.subarray(1));
    await expect(wrong.commit({ expected })).rejects.toMatchObject({ kind: 'failed-precondition' });
    await using writer = await store.writer({ ref: 's' });
    await writer.write(bytes);
    await writer.commit({ expected });
    expect(writer.digest()).toBe(expected);
    expect(await readFile(join(root, 'blobs', algorithm, expected.slice(7)))).toEqual(bytes);
  });
});

describe('blobs', () => {
  test('are synced, file before directory, when a commit resolves, and read-only', async () => {
    const synced: string[] = [];
    const store = await open({
      syncPath: async (path) => {
        synced.push(path);
        await sys.syncPath(path);
      },
    });
    expect(synced).toEqual([join(root, 'blobs'), root].filter((path) => synced.includes(path)));
    synced.length = 0;
    await using writer = await store.writer({ ref: 'r' });
    await writer.write(Buffer.from('x'));
    await writer.commit();
    expect(synced).toEqual([join(root, 'blobs', 'sha256')]);
    expect((await stat(store.blobPath(writer.digest()))).mode & 0o777).toBe(0o444);
    expect((await stat(join(root, 'blobs', 'sha256'))).mode & 0o777).toBe(0o700);
  });

  test('stay readable to those who have them open', async () => {
    const store = await open();
    const { bytes, digest } = someContent(2_500_000);
    await using writer = await store.writer({ ref: 'r' });
    await writer.write(bytes);
    await writer.commit();
    await using reader = await store.open(digest);
    await store.delete(digest);
    const chunks = await all(reader.chunks(0, bytes.length));
    expect(chunks.map(({ length }) => length)).toEqual([1_048_576, 1_048_576, 402_848]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await expect(store.open(digest)).rejects.toMatchObject({ kind: 'not-found', message: `content ${digest}` });
  });

  test('that have lost bytes do not read as shorter', async () => {
    const store = await open();
    const { bytes, digest } = someContent(1000);
    await using writer = await store.writer({ ref: 'r' });
    await writer.write(bytes);
    await writer.commit();
    await using reader = await store.open(digest);
    await chmod(store.blobPath(digest), 0o644);
    await writeFile(store.blobPath(digest), bytes.subarray(0, 999));
    await expect(all(reader.chunks(0, 1000))).rejects.toMatchObject({ kind: 'data-loss' });
  });

  test('are listed without what else lies there', async () => {
    const store = await open();
    await writeFile(join(root, 'blobs', 'sha256', 'README'), '');
    await mkdir(join(root, 'blobs', 'md5'));
    await writeFile(join(root, 'blobs', 'md5', 'd41d8cd98f00b204e9800998ecf8427e'), '');
    await writeFile(join(root, 'blobs', 'file'), '');
    expect(await all(store.list())).toEqual([]);
  });

  test.each(['', 'sha256:', 'sha256:../../x', `md5:${'0'.repeat(32)}`, `sha256:${'A'.repeat(64)}`])(
    'cannot be named %j',
    async (digest) => {
      const store = await open();
      const refused = { kind: 'invalid-argument' };
      await expect(store.info(digest)).rejects.toMatchObject(refused);
      await expect(store.open(digest)).rejects.toMatchObject(refused);
      await expect(store.delete(digest)).rejects.toMatchObject(refused);
    },
  );
});

describe('for garbage collection', () => {
  async function put(store: ContentStore): Promise<string> {
    const { bytes, digest } = someContent(100);
    await using writer = await store.writer({ ref: digest });
    await writer.write(bytes);
    await writer.commit();
    return digest;
  }

  test('an unused blob is deleted, one that is used or held is not', async () => {
    const store = await open();
    const digest = await put(store);
    expect(await store.deleteUnused([digest], () => true)).toBe(0);
    const [first, second] = [await store.hold(digest), await store.hold(digest)];
    first();
    first();
    expect(await store.deleteUnused([digest], () => false)).toBe(0);
    second();
    expect(await all(store.digests())).toEqual([digest]);
    expect(await store.deleteUnused([digest], () => false)).toBe(1);
    expect(await all(store.digests())).toEqual([]);
    expect(await store.deleteUnused([digest], () => false)).toBe(1);
  });

  test('a hold waits for a deletion under way, so that it knows whether the blob is there', async () => {
    const store = await open();
    const digest = await put(store);
    const order: string[] = [];
    const deleted = store.deleteUnused([digest], () => false).then(() => order.push('deleted'));
    const held = store.hold(digest).then(() => order.push('held'));
    await Promise.all([deleted, held]);
    expect(order).toEqual(['deleted', 'held']);
  });

  test('stale ingests are those that nobody knows and nobody writes', async () => {
    const store = await open();
    for (const ref of ['known', 'stale']) await (await store.writer({ ref })).close();
    await using writer = await store.writer({ ref: 'open' });
    expect([store.isOpen('open'), store.isOpen('known')]).toEqual([true, false]);
    expect(await store.removeStaleIngests(() => ['known', 'unheard of'])).toBe(1);
    expect((await all(store.statuses())).map(({ ref }) => ref).sort()).toEqual(['known', 'open']);
    await writer.write(Buffer.from('x'));
  });

  test('a blob whose record could not be stored is remembered', async () => {
    const store = await open();
    expect(store.takeLeftovers()).toBe(false);
    const writer = await store.writer({ ref: 'r' });
    await writer.write(Buffer.from('x'));
    const register = () => Promise.reject(new Error('disk full'));
    await expect(writer.commit({ register })).rejects.toThrow('disk full');
    expect([store.takeLeftovers(), store.takeLeftovers()]).toEqual([true, false]);
  });
});
