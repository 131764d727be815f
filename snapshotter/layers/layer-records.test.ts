import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import type { SnapshotRecord } from '../record.ts';
import { readLayerRecord } from './layer-record.ts';
import { LayerRecords } from './layer-records.ts';

async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'gr-'));
  for (const id of [1, 2]) await mkdir(join(root, String(id)));
  const records = new LayerRecords((id) => join(root, String(id)), silentLogger);
  const stored = async (id: number) => (await readLayerRecord(join(root, String(id))))?.name;
  return { records, stored, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

function record(id: number, name: string): SnapshotRecord {
  const times = { createdAtNs: 1n, updatedAtNs: 1n };
  return { id, parentIds: [], name, parent: '', kind: 'active', labels: {}, usage: null, ...times };
}

test('a record is written without being asked for, the last one of each layer', async () => {
  await using at = await fixture();
  at.records.remember(record(1, 'key'));
  at.records.remember(record(2, 'other'));
  at.records.remember(record(1, 'name'));
  await expect.poll(() => Promise.all([at.stored(1), at.stored(2)])).toEqual(['name', 'other']);
});

test('closing writes what waits, and no more comes after it', async () => {
  await using at = await fixture();
  at.records.remember(record(1, 'key'));
  await at.records.close();
  expect(await at.stored(1)).toBe('key');
  at.records.remember(record(1, 'name'));
  await at.records.close();
  expect(await at.stored(1)).toBe('name');
});

test('a layer that is removed has no record written', async () => {
  await using at = await fixture();
  at.records.remember(record(1, 'key'));
  at.records.forget(1);
  await at.records.close();
  expect(await at.stored(1)).toBeUndefined();
});

test('a layer without a directory keeps nobody from writing the others', async () => {
  await using at = await fixture();
  at.records.remember(record(3, 'gone'));
  at.records.remember(record(2, 'other'));
  await at.records.close();
  expect(await at.stored(2)).toBe('other');
});
