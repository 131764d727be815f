import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from './database.ts';
import { type Change, LevelEngine } from './engine.ts';
import { jsonTable, messageTable } from './table.ts';
import type { Entry, Reader } from './transaction.ts';

const numbers = jsonTable<number>('numbers');
const images = messageTable('images', 'containerd.services.images.v1.Image');

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'gantry-db-')), 'level');
});
afterEach(() => rm(dirname(directory), { recursive: true, force: true }));

async function collect<T>(entries: AsyncIterable<Entry<T>>): Promise<Entry<T>[]> {
  const all: Entry<T>[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

async function keys(reader: Reader, prefix: string[]): Promise<string[]> {
  return (await collect(reader.list(numbers, prefix))).map(({ key }) => key.join('/'));
}

/** LevelDB whose writes can be watched, held back and made to fail, before or after they took hold. */
class FaultyEngine extends LevelEngine {
  readonly batches: { keys: string[]; sync: boolean }[] = [];
  gate: Promise<void> = Promise.resolve();
  fault: 'none' | 'before' | 'after' = 'none';
  reopened = 0;
  reopenFault: Error | undefined;

  override async reopen(): Promise<void> {
    if (this.reopenFault) throw this.reopenFault;
    this.reopened++;
    await super.reopen();
  }

  override async write(changes: Iterable<Change>, options: { readonly sync: boolean }): Promise<void> {
    const all = [...changes];
    await this.gate;
    if (this.fault === 'before') throw new Error('no space left on device');
    await super.write(all, options);
    this.batches.push({ keys: all.map(([key]) => key).filter((key) => key.startsWith('numbers')), sync: options.sync });
    if (this.fault === 'after') throw new Error('input/output error');
  }
}

describe('records', () => {
  test('come back as they were put, also after a reopen', async () => {
    const image = {
      name: 'a/b:c',
      labels: { k: 'v' },
      target: { mediaType: 'm', digest: 'd', size: 7, annotations: {} },
      createdAt: { seconds: 5, nanos: 6 },
      updatedAt: null,
    };
    {
      await using database = await Database.open(directory);
      await database.update((tx) => tx.put(images, ['ns', image.name], image));
      expect(await database.get(images, ['ns', image.name])).toEqual(image);
    }
    await using reopened = await Database.open(directory);
    expect(await reopened.get(images, ['ns', image.name])).toEqual(image);
    expect(await reopened.get(images, ['ns2', image.name])).toBeUndefined();
  });

  test('list in byte order, by whole key parts', async () => {
    await using database = await Database.open(directory);
    const names = ['b', 'a', 'B', 'ä', '\u{1f600}', '\uffff', 'a.b', 'ab'];
    await database.update((tx) => {
      for (const [index, name] of names.entries()) tx.put(numbers, ['ns', name], index);
      tx.put(numbers, ['ns-other', 'x'], 1);
      tx.put(numbers, ['n', 'x'], 1);
    });
    const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await keys(database, ['ns'])).toEqual(expected.map((name) => `ns/${name}`));
    expect((await keys(database, [])).length).toBe(names.length + 2);
    expect(await keys(database, ['none'])).toEqual([]);
  });

  test('with a null byte in the key are refused', async () => {
    await using database = await Database.open(directory);
    await expect(database.get(numbers, ['a\0b'])).rejects.toMatchObject({ kind: 'invalid-argument' });
    await expect(database.update((tx) => tx.put(numbers, ['ns', '\0'], 1))).rejects.toMatchObject({
      kind: 'invalid-argument',
    });
  });

  test('that are damaged name their key', async () => {
    await using database = await Database.open(directory);
    await database.update((tx) => tx.put({ ...numbers, encode: () => Buffer.from('{') }, ['ns', 'x'], 1));
    await expect(database.get(numbers, ['ns', 'x'])).rejects.toMatchObject({
      kind: 'data-loss',
      message: expect.stringContaining('numbers/ns/x'),
    });
  });
});

test('observers are told the changes of each update in order, but of none that failed or asks not to be', async () => {
  await using database = await Database.open(directory);
  const told: string[][] = [];
  const end = database.observe((changes) => told.push([...changes].map(([key, value]) => `${key}=${value}`)));
  const first = database.update((tx) => tx.put(numbers, ['ns', 'a'], 1));
  const second = database.update((tx) => tx.delete(numbers, ['ns', 'a']));
  await Promise.all([first, second]);
  await database.update(() => undefined);
  await database.update((tx) => tx.put(numbers, ['ns', 'quiet'], 1), { observed: false });
  const failing = database.update((tx) => {
    tx.put(numbers, ['ns', 'b'], 1);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  end();
  await database.update((tx) => tx.put(numbers, ['ns', 'late'], 1));
  expect(told).toEqual([['numbers\0ns\0a=1'], ['numbers\0ns\0a=null']]);
});

describe('a transaction', () => {
  test('sees its own writes in get and list, others do not', async () => {
    await using database = await Database.open(directory);
    await database.update((tx) => {
      for (const name of ['a', 'c', 'e']) tx.put(numbers, ['ns', name], 1);
    });
    await database.update(async (tx) => {
      tx.put(numbers, ['ns', 'b'], 2);
      tx.put(numbers, ['ns', 'f'], 2);
      tx.put(numbers, ['ns', 'c'], 3);
      tx.delete(numbers, ['ns', 'a']);
      expect(await collect(tx.list(numbers, ['ns']))).toEqual([
        { key: ['ns', 'b'], value: 2 },
        { key: ['ns', 'c'], value: 3 },
        { key: ['ns', 'e'], value: 1 },
        { key: ['ns', 'f'], value: 2 },
      ]);
      expect(await tx.get(numbers, ['ns', 'a'])).toBeUndefined();
      expect(await tx.has(numbers, ['ns', 'b'])).toBe(true);
      expect(await keys(database, ['ns'])).toEqual(['ns/a', 'ns/c', 'ns/e']);
    });
    expect(await keys(database, ['ns'])).toEqual(['ns/b', 'ns/c', 'ns/e', 'ns/f']);
  });

  test('deletes a range, its own writes included', async () => {
    await using database = await Database.open(directory);
    await database.update((tx) => tx.put(numbers, ['ns', 'a'], 1));
    await database.update(async (tx) => {
      tx.put(numbers, ['ns', 'b'], 1);
      tx.put(numbers, ['other', 'b'], 1);
      await tx.deleteAll(numbers, ['ns']);
    });
    expect(await keys(database, [])).toEqual(['other/b']);
  });

  test('that throws leaves nothing', async () => {
    await using database = await Database.open(directory);
    const failing = database.update((tx) => {
      tx.put(numbers, ['ns', 'a'], 1);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await keys(database, [])).toEqual([]);
  });

  test('runs alone: concurrent increments are all counted', async () => {
    await using database = await Database.open(directory);
    const increments = Array.from({ length: 200 }, () =>
      database.update(async (tx) => {
        const count = (await tx.get(numbers, ['count'])) ?? 0;
        tx.put(numbers, ['count'], count + 1);
        return count;
      }),
    );
    const seen = await Promise.all(increments);
    expect(new Set(seen).size).toBe(200);
    expect(await database.get(numbers, ['count'])).toBe(200);
  });
});

describe('group commit', () => {
  async function openFaulty(): Promise<{ engine: FaultyEngine; database: Database }> {
    const engine = new FaultyEngine(directory);
    const database = await Database.open(engine);
    engine.batches.length = 0;
    return { engine, database };
  }

  test('gathers transactions that finish during a write into one synced batch', async () => {
    const { engine, database } = await openFaulty();
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    const names = ['a', 'b', 'c', 'd'];
    const updates = names.map((name) => database.update((tx) => tx.put(numbers, ['ns', name], 1)));
    // The lock is free again although nothing is on disk: this one runs, and sees the others' writes.
    const last = database.update(async (tx) => {
      expect(await tx.get(numbers, ['ns', 'a'])).toBe(1);
      expect(await database.get(numbers, ['ns', 'a'])).toBeUndefined();
      gate.resolve();
      return keys(tx, ['ns']);
    });
    expect(await last).toEqual(['ns/a', 'ns/b', 'ns/c', 'ns/d']);
    await Promise.all(updates);
    expect(engine.batches.map(({ keys: written }) => written.length)).toEqual([1, 3]);
    expect(engine.batches.every(({ sync }) => sync)).toBe(true);
    await database.close();
  });

  test('does not sync for updates that may wait for a later one', async () => {
    const { engine, database } = await openFaulty();
    await database.update((tx) => tx.put(numbers, ['a'], 1), { durable: false });
    expect(await database.get(numbers, ['a'])).toBe(1);
    await database.update((tx) => tx.put(numbers, ['b'], 1));
    expect(engine.batches.map(({ sync }) => sync)).toEqual([false, true]);
    await database.close();
  });

  test('a failed batch fails all its transactions and what built on them, and leaves nothing visible', async () => {
    const { engine, database } = await openFaulty();
    await database.update((tx) => tx.put(numbers, ['kept'], 1));
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    engine.fault = 'before';
    const updates = ['a', 'b', 'c'].map((name) => database.update((tx) => tx.put(numbers, [name], 1)));
    const reader = database.update(async (tx) => {
      expect(await tx.get(numbers, ['a'])).toBe(1);
      gate.resolve();
    });
    const settled = Promise.allSettled([...updates, reader]);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(await keys(database, [])).toEqual(['kept']);

    engine.fault = 'none';
    await database.update((tx) => tx.put(numbers, ['later'], 1));
    expect(engine.reopened).toBe(1);
    expect(await keys(database, [])).toEqual(['kept', 'later']);
    await database.close();
  });

  test('a transaction under way while the batch it read from fails is not written', async () => {
    const { engine, database } = await openFaulty();
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    engine.fault = 'before';
    const first = database.update((tx) => tx.put(numbers, ['a'], 1));
    const second = database.update(async (tx) => {
      const read = (await tx.get(numbers, ['a'])) ?? 0;
      gate.resolve();
      await expect(first).rejects.toThrow('no space');
      engine.fault = 'none';
      tx.put(numbers, ['b'], read + 1);
    });
    await expect(second).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await keys(database, [])).toEqual([]);
    await database.close();
  });

  test('a batch that failed after it reached the log is taken back', async () => {
    const { engine, database } = await openFaulty();
    await database.update((tx) => tx.put(numbers, ['changed'], 1));
    await database.update((tx) => tx.put(numbers, ['deleted'], 1));
    engine.fault = 'after';
    // As when only the sync of a log record fails: LevelDB does not show it, yet finds it in the log when reopened.
    const before = new Map<string, Buffer | undefined>();
    for (const key of ['numbers\0changed', 'numbers\0deleted', 'numbers\0new', 'meta\0last-batch']) {
      before.set(key, await engine.get(key));
    }
    const get = engine.get.bind(engine);
    engine.get = async (key) => (before.has(key) ? before.get(key) : get(key));
    const failing = database.update((tx) => {
      tx.put(numbers, ['changed'], 2);
      tx.delete(numbers, ['deleted']);
      tx.put(numbers, ['new'], 3);
    });
    await expect(failing).rejects.toThrow('input/output error');

    engine.get = get;
    engine.fault = 'none';
    await database.update((tx) => tx.put(numbers, ['next'], 1));
    expect(await collect(database.list(numbers, []))).toEqual([
      { key: ['changed'], value: 1 },
      { key: ['deleted'], value: 1 },
      { key: ['next'], value: 1 },
    ]);
    await database.close();
  });

  test('while the engine cannot be reopened updates fail, reads go on, and nothing of the failed ones comes back', async () => {
    const { engine, database } = await openFaulty();
    await database.update((tx) => tx.put(numbers, ['kept'], 1));
    engine.fault = 'before';
    await expect(database.update((tx) => tx.put(numbers, ['a'], 1))).rejects.toThrow('no space');
    engine.fault = 'none';
    engine.reopenFault = new Error('still no space');
    await expect(database.update((tx) => tx.put(numbers, ['b'], 1))).rejects.toThrow('still no space');
    expect(await database.get(numbers, ['kept'])).toBe(1);
    engine.reopenFault = undefined;
    await database.update((tx) => tx.put(numbers, ['c'], 1));
    expect(await keys(database, [])).toEqual(['c', 'kept']);
    await database.close();
  });
});

describe('the directory', () => {
  test('belongs to one database at a time', async () => {
    await using database = await Database.open(directory);
    await expect(Database.open(directory)).rejects.toMatchObject({ kind: 'failed-precondition' });
    await database.close();
    await (await Database.open(directory)).close();
  });

  test('is let go after the updates under way are written', async () => {
    const database = await Database.open(directory);
    const update = database.update((tx) => tx.put(numbers, ['a'], 1));
    await database.close();
    await update;
    await expect(database.update((tx) => tx.put(numbers, ['b'], 1))).rejects.toMatchObject({ kind: 'unavailable' });
    await using reopened = await Database.open(directory);
    expect(await keys(reopened, [])).toEqual(['a']);
  });
});
