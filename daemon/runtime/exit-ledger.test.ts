import { expect, test } from 'vitest';
import { ExitLedger } from './exit-ledger.ts';

const init = { namespace: 'ns', containerId: 'c1', execId: '' };

test('takes each exit once', () => {
  const ledger = new ExitLedger();
  expect(ledger.record(init, 10)).toBe(true);
  expect(ledger.record(init, 10)).toBe(false);
  expect(ledger.record({ ...init, execId: 'c1' }, 10)).toBe(false);
  expect(ledger.has(init)).toBe(true);
});

test('tells processes apart by namespace, container, exec and process id', () => {
  const ledger = new ExitLedger();
  for (const key of [init, { ...init, namespace: 'other' }, { ...init, containerId: 'c2' }, { ...init, execId: 'e' }]) {
    expect(ledger.record(key, 10)).toBe(true);
  }
  expect(ledger.record({ ...init, execId: 'e' }, 11)).toBe(true);
});

test('takes an exit again once a new process has the name, even under the same process id', () => {
  const ledger = new ExitLedger();
  ledger.record(init, 10);
  ledger.forget(init);
  expect(ledger.has(init)).toBe(false);
  expect(ledger.record(init, 10)).toBe(true);
});

test('keeps a bounded number, the newest', () => {
  const ledger = new ExitLedger();
  for (let index = 0; index < 20_000; index++) ledger.record({ ...init, execId: `e${index}` }, 1);
  expect(ledger.size).toBe(16_384);
  expect(ledger.record({ ...init, execId: 'e19999' }, 1)).toBe(false);
  expect(ledger.record({ ...init, execId: 'e0' }, 1)).toBe(true);
});
