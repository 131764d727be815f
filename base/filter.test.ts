import { describe, expect, test } from 'vitest';
import { type FieldLookup, mapField, parseFilters } from './filter.ts';

interface Thing {
  name: string;
  other?: string;
  labels?: Record<string, string>;
}

const things: Thing[] = [
  { name: 'one', labels: { tier: 'web' } },
  { name: 'two' },
  { name: 'one', labels: { tier: 'db', 'a b': 'x', 'io.example/key': 'dotted' } },
  { name: 'three', labels: { 'quo"te\\d': 'y', 'quo"te\\d.end': 'z' } },
  { name: 'four', other: 'not, simple' },
  { name: 'five', other: 'abc', labels: { tier: 'rc_1.2-beta' } },
];

const fieldOf =
  (thing: Thing): FieldLookup =>
  ([first, ...rest]) => {
    if (first === 'name') return thing.name;
    if (first === 'other') return thing.other;
    return first === 'labels' ? mapField(thing.labels ?? {}, rest) : undefined;
  };

function matching(...filters: string[]): number[] {
  const matches = parseFilters(filters);
  return things.flatMap((thing, index) => (matches(fieldOf(thing)) ? [index] : []));
}

function problem(filter: string): string {
  try {
    parseFilters([filter]);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid-argument' });
    return (error as Error).message;
  }
  return 'none';
}

const all = things.map((_, index) => index);

describe('matching', () => {
  test.each<[string, number[]]>([
    ['', all],
    ['name', all],
    ['nothing', []],
    ['labels.tier', [0, 2, 5]],
    ['labels.tier,name==one', [0, 2]],
    ['labels.tier==web', [0]],
    ['labels.tier==rc_1.2-beta', [5]],
    ['name==two', [1]],
    ['name!=one', [1, 3, 4, 5]],
    ['other!=abc', [0, 1, 2, 3, 4]],
    ['other!=""', [4, 5]],
    ['other==""', []],
    ['other=="not, simple"', [4]],
    ['other~=[abc]+,name!=one', [5]],
    ['name~=/^t[a-z]{2,4}$/', [1, 3]],
    ['name~=|^t/?[wh]|', [1, 3]],
    ['name~="^(one|two)$"', [0, 1, 2]],
    ['labels."a b"', [2]],
    ['labels."a b"==x,name==one', [2]],
    ['labels."io.example/key"==dotted', [2]],
    ['labels.io."example/key"==dotted', [2]],
    ['labels."quo\\"te\\\\d"==y', [3]],
    ['labels."quo\\"te\\\\d".end==z', [3]],
    [' name == one, labels.tier', [0, 2]],
    ['name ==  two', [1]],
  ])('%s', (filter, expected) => {
    expect(matching(filter)).toEqual(expected);
  });

  test('filters are alternatives, selectors are not', () => {
    expect(matching('name==two', 'other==abc')).toEqual([1, 5]);
    expect(matching('name==two,other==abc')).toEqual([]);
    expect(matching()).toEqual(all);
  });

  test('escapes in quotes are those of Go strings', () => {
    const value = 'a\n\t\\"\u00e9\u{1f600}~';
    const matches = parseFilters(['name=="a\\n\\t\\\\\\"\\u00e9\\U0001F600\\x7e"', 'name=="\\101\\302\\243"']);
    expect(matches(() => value)).toBe(true);
    expect(matches(() => 'A£')).toBe(true);
    expect(matches(() => 'A')).toBe(false);
  });

  test('inherited properties are no labels', () => {
    expect(mapField({}, ['constructor'])).toBeUndefined();
    expect(mapField({}, ['__proto__'])).toBeUndefined();
    expect(mapField({ 'a.b': 'c' }, ['a', 'b'])).toBe('c');
  });
});

describe('errors show the place', () => {
  test.each([
    ['labels.|tier|==web', '[labels. >|||< tier|==web]: invalid quote encountered'],
    ['labels.?"x"==y', '[labels. >|?|< "x"==y]: expected field or quoted'],
    ['name==one,', '[name==one,]: expected field or quoted'],
    ['labels.', '[labels.]: expected field or quoted'],
    ['name~=,id==x', '[name~= >|,|< id==x]: expected value or quoted'],
    ['labels.ns/key==v', '[labels.ns >|/|< key==v]: quoted literal not terminated'],
    ['labels.key==/v', '[labels.key== >|/|< v]: quoted literal not terminated'],
    ['labels."a\nb"==v', '[labels. >|"|< a\nb"==v]: quoted literal not terminated'],
    ['labels."\\g"', '[labels. >|"|< \\g"]: illegal escape sequence'],
    ['labels."\\xaz"', '[labels. >|"|< \\xaz"]: illegal numeric escape sequence'],
    ['name="x"', '[name >|=|< "x"]: unsupported operator "="'],
    ['name==!x', '[name >|=|< =!x]: unsupported operator "==!"'],
    ['name one', '[name  >|o|< ne]: expected an operator ("=="|"!="|"~=")'],
    ['name==one two', '[name==one >| |< two]: unexpected input:  '],
    ['name==one ,other', '[name==one >| |< ,other]: unexpected input:  '],
    ['name==one ', '[name==one >| |< ]: unexpected input:  '],
    ['name==', '[name==]: expected value or quoted'],
    ['name==.x', '[name== >|.|< x]: expected value or quoted'],
    ['na\0me', '[na >|\0|< me]: unexpected null'],
    ['name=="\\U00110000"', '[name== >|"|< \\U00110000"]: unquoting failed: quote syntax error'],
    ['name=="\\777"', '[name== >|"|< \\777"]: unquoting failed: quote syntax error'],
  ])('%j', (filter, message) => {
    expect(problem(filter)).toBe(`filters: parse error: ${message}`);
  });
});

describe('patterns', () => {
  const find = (pattern: string, text: string) => parseFilters([`name~=${JSON.stringify(pattern)}`])(() => text);

  test('are searched, not anchored', () => {
    expect(find('b+', 'abc')).toBe(true);
    expect(find('^b+', 'abc')).toBe(false);
    expect(find('', '')).toBe(true);
  });

  test('that RE2 refuses never match', () => {
    for (const pattern of ['(', '[', 'a**', '(?=a)', '(?<!a)', '(a)\\1', '*']) expect(find(pattern, 'aa')).toBe(false);
  });

  test('an absent field is searched as empty text', () => {
    expect(matching('other~=^$')).toEqual([0, 1, 2, 3]);
  });
});

test('random texts are filters or invalid arguments, nothing else', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const pieces = [
    'a',
    'labels',
    '.',
    ',',
    '==',
    '!=',
    '~=',
    '=',
    '"',
    '/',
    '|',
    '\\',
    '\\x4',
    ' ',
    '\0',
    '\n',
    '\u{1f600}',
    '\ud800',
  ];
  let parsed = 0;
  for (let round = 0; round < 5_000; round++) {
    const text = Array.from({ length: random(9) }, () => pieces[random(pieces.length)]).join('');
    if (problem(text) === 'none') parsed++;
  }
  expect(parsed).toBeGreaterThan(100);
});
