import { describe, expect, test } from 'vitest';
import { compilePattern } from './filter-regexp.ts';

const find = (pattern: string, text: string) => compilePattern(pattern)(text);

/** Patterns that mean the same to RE2 and to JavaScript, which is the judge. */
const common = [
  'abc',
  'a|b|',
  '',
  '^a',
  'c$',
  '^$',
  '^abc$',
  'a.c',
  'a*',
  'a+b',
  'ab?c',
  '(ab)+',
  '(?:ab){2}',
  'a{2,3}',
  'a{2,}',
  'a{0}b',
  '[abc]',
  '[^abc]',
  '[a-c]+x',
  '[]a]',
  '[a\\]]',
  '[-a]',
  '[a-]',
  '[\\d_]',
  '\\d+',
  '\\D',
  '\\w+',
  '\\W',
  '\\bfoo\\b',
  '\\Boo',
  'x*?y',
  '(a|b)*c',
  '(a*)*b',
  '((a?)b)*',
  '[.]',
  '\\.',
  '\\x41',
  '\\t',
  'a{,2}',
  'a{x',
  '{',
  '}',
  ']',
  '(|a)b',
  '(?<name>a)b',
  '^(?:(?:a|b)c?)*$',
  '\\/',
  '\\-',
  'ä+',
  '牛',
  '[à-ü]',
  '^[^\\n]*$',
  '\\0',
  '(^a|b$)',
];
const texts = [
  '',
  'a',
  'b',
  'c',
  'abc',
  'abcabc',
  'ab',
  'aab',
  'aaa',
  'aaaa',
  'ababab',
  'xyz',
  'xxxy',
  'foo',
  'a foo b',
  'food',
  'A',
  'a\nb',
  'abc\n',
  '1_2',
  '.',
  'a.c',
  ']',
  '-',
  '}',
  '{',
  'a{,2}',
  'a{x',
  '\t',
  '/',
  'ä',
  'é',
  '牛',
  '\0',
  'bc',
  'acbc',
];

describe('agrees with JavaScript where both mean the same', () => {
  // The backslash-zero and open braces are literals to JavaScript only without its u flag.
  test.each(common.filter((pattern) => pattern !== '[]a]'))('%j', (pattern) => {
    const judge = new RegExp(pattern);
    for (const text of texts) expect(find(pattern, text), JSON.stringify(text)).toBe(judge.test(text));
  });
});

describe('what only RE2 has', () => {
  test.each([
    ['[]a]', ']', true],
    ['(?i)straSSe', 'STRASSE', true],
    ['(?i:a)b', 'Ab', true],
    ['(?i:a)b', 'AB', false],
    ['a(?i)b|c', 'xC', true],
    ['(?i)[a-c]', 'B', true],
    ['(?i)[^a-c]', 'B', false],
    ['(?s)a.b', 'a\nb', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?m-s)^b.', 'a\nb\nc', false],
    ['(?U)a+', 'aa', true],
    ['(?P<word>a)b', 'ab', true],
    ['\\Aab\\z', 'ab', true],
    ['\\Ab', 'ab', false],
    ['[[:alpha:]]+$', 'abc', true],
    ['^[[:^digit:]]+$', 'ab1', false],
    ['[[:punct:]_]', '~', true],
    ['^\\pL+$', 'äbc牛', true],
    ['\\p{Greek}', 'α', true],
    ['\\P{Greek}', 'α', false],
    ['\\p{^Greek}', 'a', true],
    ['\\Qa.b*\\E+', 'a.b**', true],
    ['\\Qa.b', 'axb', false],
    ['\\x{1F600}', '\u{1f600}', true],
    ['^.$', '\u{1f600}', true],
    ['\\141', 'a', true],
    ['\\s', '\v', false],
    ['\\a', '\x07', true],
    ['a{1000}', 'a'.repeat(1000), true],
    ['^[0-9a-f]{64}$', 'ab'.repeat(32), true],
    ['^[0-9a-f]{64}$', 'ab'.repeat(33), false],
  ])('%j in %j', (pattern, text, expected) => {
    expect(find(pattern, text)).toBe(expected);
  });
});

test.each([
  '(',
  ')',
  '(?',
  '(?:',
  '(?=a)',
  '(?!a)',
  '(?<=a)',
  '(?<!a)',
  '(?x)',
  '(?P<a',
  '(?<a-b>c)',
  '[',
  '[a',
  '[z-a]',
  '[\\d-z',
  '[[:nope:]]',
  '*',
  '+a',
  '?',
  'a**',
  'a+*',
  'a{2}{3}',
  'a{1001}',
  'a{3,2}',
  '\\',
  '\\1',
  '\\k<a>',
  '\\y',
  '\\C',
  '\\pZZ\\p{Nope}',
  '\\p{Nope}',
  '\\x{110000}',
  '\\xg',
  '\\ä',
  '(?i',
  `${'('.repeat(300)}${')'.repeat(300)}`,
  '((a{100}){100}){100}',
])('%j is refused, so it matches nothing', (pattern) => {
  for (const text of texts) expect(find(pattern, text)).toBe(false);
});

test.each([
  '^(a+)+$',
  '(a|a)*b',
  '(a|aa)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(a?){30}a{30}!x',
  '(x+x+)+y',
  '(.*)*(.*)*(.*)*1',
  '(a{1,50}){1,50}b',
  '.*.*.*.*.*.*b',
])('%j takes time in proportion to the text', (pattern) => {
  const matches = compilePattern(pattern);
  const text = `${'a'.repeat(2_000)}!`;
  // A backtracking matcher would not come back from these within the test's time.
  expect(matches(text)).toBe(false);
});

test('random patterns mean what they mean to JavaScript', () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const pieces = [
    'a',
    'b',
    '.',
    '(',
    ')',
    '|',
    '^',
    '$',
    'a?',
    'b+',
    'a*',
    '[ab]',
    '[^a]',
    '(a|b)',
    '\\b',
    '\\w',
    'b{2}',
  ];
  for (let round = 0; round < 5_000; round++) {
    const pattern = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join('');
    const judge = judgeOf(pattern);
    for (const text of ['', 'a', 'ab', 'ba', 'aabb', 'c', 'a b']) {
      expect(find(pattern, text), `${pattern} in ${text}`).toBe(judge?.test(text) ?? false);
    }
  }
});

/** `undefined` if it is not well-formed. */
function judgeOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}
