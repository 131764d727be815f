import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('formatTable aligns columns and ends lines without spaces', () => {
  expect(
    formatTable(
      ['ID', 'IMAGE'],
      [
        ['a', 'busybox'],
        ['longer', 'x'],
      ],
    ),
  ).toBe(['ID       IMAGE', 'a        busybox', 'longer   x', ''].join('\n'));
});

test('formatTable shows headings alone and a dash for nothing', () => {
  expect(formatTable(['ID', 'PID'], [])).toBe('ID   PID\n');
  expect(formatTable(['ID', 'PID'], [['a', '']])).toBe('ID   PID\na    -\n');
});

test('formatTable keeps escape sequences and line ends of names off the terminal', () => {
  const text = formatTable(['NAME'], [['x\u001b[2Jy'], ['a\nb'], ['c\u009b1m']]);
  expect(text).toBe('NAME\nx?[2Jy\na b\nc?1m\n');
});

test('formatTable counts characters, not code units', () => {
  expect(
    formatTable(
      ['N', 'X'],
      [
        ['🐳', 'a'],
        ['ab', 'b'],
      ],
    ),
  ).toBe('N    X\n🐳    a\nab   b\n');
});
