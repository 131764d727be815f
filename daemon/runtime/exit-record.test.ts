import { expect, test } from 'vitest';
import { parseExitRecord, readExitRecord } from './exit-record.ts';

test('reads what a shim wrote down', () => {
  const text = '{"pid":12,"exit_status":137,"exited_at":"2026-01-02T03:04:05.000000006Z"}';
  const exitedAt = { seconds: Date.UTC(2026, 0, 2, 3, 4, 5) / 1_000, nanos: 6 };
  expect(parseExitRecord(text)).toEqual({ pid: 12, exitStatus: 137, exitedAt });
});

test('takes a record with something missing for none', async () => {
  expect(parseExitRecord('{"pid":12}')).toBeUndefined();
  expect(await readExitRecord('/nowhere')).toBeUndefined();
});
