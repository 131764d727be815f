import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encode } from '../../proto/codec.ts';
import { readTaskRecord } from './task-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(bytes: Uint8Array) {
  writeFileSync(join(folder, 'task.pb'), bytes);
  return readTaskRecord(folder);
}

test('a record is read as far as it is understood', () => {
  expect(readTaskRecord(folder)).toBeUndefined();
  const record = { interfaceVersion: 1, shimPid: 7, pid: 8, startedTicks: 9, create: Buffer.from('x') };
  expect(written(encode('gantry.shim.v1.TaskRecord', record))).toMatchObject({ pid: 8, startedTicks: 9 });
  expect(written(encode('gantry.shim.v1.TaskRecord', { ...record, interfaceVersion: 2 }))).toBeUndefined();
  expect(written(encode('gantry.shim.v1.TaskRecord', { ...record, pid: 0 }))).toBeUndefined();
  expect(written(Buffer.from('garbage'))).toBeUndefined();
});
