import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { SignalRelay } from './signals.ts';

const { SIGINT, SIGTERM, SIGUSR1, SIGKILL } = constants.signals;

/** As if the signal had come: the listeners are called, the process goes on. */
function receive(...names: NodeJS.Signals[]): void {
  for (const name of names) process.emit(name, name);
}

test('a signal during the preparation aborts it', () => {
  using relay = new SignalRelay();
  receive('SIGTERM');
  expect(relay.signal.reason).toMatchObject({ kind: 'canceled', message: 'interrupted by SIGTERM' });
});

test('a signal during the start waits for the process', () => {
  using relay = new SignalRelay();
  const sent: number[] = [];
  relay.hold();
  receive('SIGINT', 'SIGUSR1');
  relay.relayTo((signal) => sent.push(signal));
  receive('SIGTERM');
  expect(sent).toEqual([SIGINT, SIGUSR1, SIGTERM]);
  expect(relay.signal.aborted).toBe(false);
});

test('a start that hangs is given up at the third request to end', () => {
  using relay = new SignalRelay();
  relay.hold();
  receive('SIGINT', 'SIGHUP', 'SIGINT');
  expect(relay.signal.aborted).toBe(false);
  receive('SIGINT');
  expect(relay.signal.aborted).toBe(true);
});

test('the third request to end kills', () => {
  using relay = new SignalRelay();
  const sent: number[] = [];
  relay.relayTo((signal) => sent.push(signal));
  receive('SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGINT');
  expect(sent).toEqual([SIGINT, SIGTERM, SIGUSR1, SIGKILL]);
});

test('a relay that is disposed leaves no listener', () => {
  const before = process.listenerCount('SIGUSR2');
  const relay = new SignalRelay();
  expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
  relay[Symbol.dispose]();
  expect(process.listenerCount('SIGUSR2')).toBe(before);
});
