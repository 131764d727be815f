import { expect, test } from 'vitest';
import { validateIdentifier } from './ids.ts';

test.each(['a', 'A9', 'k8s.io', 'a-b_c.d', 'x'.repeat(76)])('takes %s', (id) => {
  expect(() => validateIdentifier(id)).not.toThrow();
});

test.each(['', '.', '..', 'a/b', '../a', 'a..b', '-a', 'a-', 'a b', 'ä', 'a\n', 'a\0', 'x'.repeat(77)])(
  'refuses %j',
  (id) => {
    expect(() => validateIdentifier(id)).toThrow(expect.objectContaining({ kind: 'invalid-argument' }));
  },
);
