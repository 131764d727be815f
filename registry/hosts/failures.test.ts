import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { HostFailures } from './failures.ts';

const error = new GantryError('deadline-exceeded', 'no connection in time');

test('a failure is remembered for a minute, or until the host answers', () => {
  let nowMs = 0;
  const failures = new HostFailures({ now: () => nowMs });
  failures.note('a', error);
  nowMs = 12_000;
  expect(failures.recent('a')).toMatchObject({
    kind: 'deadline-exceeded',
    message: 'not asked, as 12 s ago: no connection in time',
  });
  expect(failures.recent('b')).toBeUndefined();
  nowMs = 60_001;
  expect(failures.recent('a')).toBeUndefined();
  failures.note('a', error);
  failures.clear('a');
  expect(failures.recent('a')).toBeUndefined();
});

test('the memory is bounded, and the oldest failure goes first', () => {
  const failures = new HostFailures({ now: () => 0 });
  for (let index = 0; index <= 1_000; index += 1) failures.note(`host-${index}`, error);
  expect(failures.recent('host-0')).toBeUndefined();
  expect(failures.recent('host-1')).toBeDefined();
});
