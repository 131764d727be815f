import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { MemoryKeyValue } from './key-value.ts';
import { SnapshotStorage } from './storage.ts';

const usage = { sizeBytes: 4096, inodes: 1 };

/** A clock that moves by one at every reading. */
function countingClock(): Clock {
  let now = 0n;
  return {
    now() {
      now += 1n;
      return now;
    },
  };
}

function newStorage(records = new MemoryKeyValue()) {
  return new SnapshotStorage({ records, clock: countingClock() });
}

async function committed(storage: SnapshotStorage, name: string, parent: string): Promise<number> {
  const id = await storage.nextId();
  await storage.create(id, { kind: 'active', key: `${name}-key`, parent, labels: {} });
  await storage.commit(name, `${name}-key`, usage, {});
  return id;
}

test('a record knows the ids of all layers below, nearest first', async () => {
  const storage = newStorage();
  const bottom = await committed(storage, 'bottom', '');
  const middle = await committed(storage, 'middle', 'bottom');
  const record = await storage.create(await storage.nextId(), {
    kind: 'view',
    key: 'top',
    parent: 'middle',
    labels: {},
  });
  expect(record.parentIds).toEqual([middle, bottom]);
  expect(await storage.get('top')).toEqual(record);
});

test('a commit keeps the id, takes usage, labels and time, and frees the key', async () => {
  const storage = newStorage();
  const active = await storage.create(await storage.nextId(), {
    kind: 'active',
    key: 'key',
    parent: '',
    labels: { of: 'key' },
  });
  await storage.commit('name', 'key', usage, { labels: { of: 'name', empty: '' } });
  const record = await storage.get('name');
  expect(record).toMatchObject({ id: active.id, kind: 'committed', usage, labels: { of: 'name' } });
  expect(record.createdAtNs).toBeGreaterThan(active.createdAtNs);
  await expect(storage.get('key')).rejects.toMatchObject({ kind: 'not-found' });
});

test('a rebase moves the whole stack below', async () => {
  const storage = newStorage();
  const bottom = await committed(storage, 'bottom', '');
  const middle = await committed(storage, 'middle', 'bottom');
  await storage.create(await storage.nextId(), { kind: 'active', key: 'floating', parent: '', labels: {} });
  await storage.commit('top', 'floating', usage, { parent: 'middle' });
  expect((await storage.get('top')).parentIds).toEqual([middle, bottom]);
  await expect(storage.remove('middle')).rejects.toMatchObject({ kind: 'failed-precondition' });
});

test('a snapshot with a parent cannot be given another one', async () => {
  const storage = newStorage();
  await committed(storage, 'one', '');
  await committed(storage, 'two', '');
  await storage.create(await storage.nextId(), { kind: 'active', key: 'key', parent: 'one', labels: {} });
  await expect(storage.commit('name', 'key', usage, { parent: 'two' })).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: 'cannot change parent of active snapshot "key" on commit',
  });
  await storage.commit('name', 'key', usage, { parent: 'one' });
});

test('a child that is removed or committed away no longer holds its parent', async () => {
  const storage = newStorage();
  await committed(storage, 'base', '');
  await storage.create(await storage.nextId(), { kind: 'active', key: 'child', parent: 'base', labels: {} });
  await storage.commit('committed-child', 'child', usage, {});
  await expect(storage.remove('base')).rejects.toThrow('cannot remove snapshot with child');
  await storage.remove('committed-child');
  await storage.remove('base');
});

test('names of which one begins with the other have children of their own', async () => {
  const storage = newStorage();
  await committed(storage, 'layer', '');
  await committed(storage, 'layer-2', '');
  await storage.create(await storage.nextId(), { kind: 'active', key: 'child', parent: 'layer-2', labels: {} });
  await storage.remove('layer');
});

test('a new storage over the same records gives no id in use again', async () => {
  const records = new MemoryKeyValue();
  const first = newStorage(records);
  const used = await committed(first, 'base', '');
  const second = newStorage(records);
  const ids = await Promise.all([second.nextId(), second.nextId(), second.nextId()]);
  expect(new Set(ids).size).toBe(3);
  expect(Math.min(...ids)).toBeGreaterThan(used);
  expect(await second.ids()).toEqual(new Set([used]));
});

test.for(['', 'a\0b'])('the key %j is refused', async (key) => {
  const storage = newStorage();
  await expect(storage.create(1, { kind: 'active', key: key, parent: '', labels: {} })).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
});

test('a walk gives only what matches, in byte order', async () => {
  const storage = newStorage();
  for (const name of ['b', 'a', 'ä', 'B']) await committed(storage, name, '');
  await storage.create(await storage.nextId(), {
    kind: 'active',
    key: 'c',
    parent: 'a',
    labels: { 'with.dots': 'yes' },
  });
  const names = async (...filters: string[]) => {
    const found: string[] = [];
    for await (const { name } of storage.walk(filters)) found.push(name);
    return found;
  };
  expect(await names()).toEqual(['B', 'a', 'b', 'c', 'ä']);
  expect(await names('labels.with.dots==yes', 'name==B')).toEqual(['B', 'c']);
});

test('many are removed at once, but for those that others stand on', async () => {
  const records = new MemoryKeyValue();
  const storage = newStorage(records);
  for (const [name, parent] of [
    ['base', ''],
    ['middle', 'base'],
    ['top', 'middle'],
    ['kept', 'base'],
    ['alone', ''],
  ] as const) {
    await committed(storage, name, parent);
  }
  const removed = await storage.removeAll(new Set(['base', 'middle', 'top', 'alone', 'unheard of']));
  expect(removed.map(({ name }) => name)).toEqual(['top', 'middle', 'alone']);
  expect(await storage.removeAll(new Set(['kept', 'base']))).toMatchObject([{ name: 'kept' }, { name: 'base' }]);
  const left: unknown[] = [];
  for await (const { key } of records.list([])) left.push(key);
  expect(left).toEqual([]);
});
