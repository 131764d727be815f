import { expect, test } from 'vitest';
import { abortable, linkedController } from './signals.ts';

test('a linked controller aborts with the reason of its source', () => {
  const source = new AbortController();
  using linked = linkedController(undefined, source.signal);
  source.abort('why');
  expect(linked.signal.reason).toBe('why');
});

test('a disposed link no longer follows its source', () => {
  const source = new AbortController();
  const linked = linkedController(source.signal);
  linked[Symbol.dispose]();
  source.abort();
  expect(linked.signal.aborted).toBe(false);
});

test('a source that has already aborted aborts at once', () => {
  using linked = linkedController(AbortSignal.abort('old'));
  expect(linked.signal.reason).toBe('old');
});

test('abortable settles with the work or with the signal, whichever is first', async () => {
  const source = new AbortController();
  expect(await abortable(Promise.resolve(1), source.signal)).toBe(1);
  const pending = abortable(new Promise(() => {}), source.signal);
  source.abort(new Error('gone'));
  await expect(pending).rejects.toThrow('gone');
});
