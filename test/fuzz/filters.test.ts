import { describe, expect } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { mapField, parseFilters } from '../../base/filter.ts';
import type { Random } from '../helpers/random.ts';
import { anyText, property } from './fuzz.ts';

const pieces = [
  'id',
  'labels',
  '.',
  '"',
  '\\',
  '==',
  '!=',
  '~=',
  ',',
  ' ',
  '/',
  '|',
  '(',
  ')',
  '*',
  '+',
  '[',
  'a',
  '^',
  '$',
];

/** A filter that is nearly one. */
const nearFilter = (random: Random) =>
  Array.from({ length: random.below(14) }, () =>
    random.below(8) === 0 ? anyText(random, 1) : random.pick(pieces),
  ).join('');

interface Item {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

const lookUp =
  ({ id, labels }: Item) =>
  ([field, ...rest]: readonly string[]) => {
    if (field === 'id') return id;
    return field === 'labels' ? mapField(labels, rest) : undefined;
  };

describe('filters', () => {
  property('any text is parsed to a matcher or refused as an invalid argument', (random) => {
    const texts = Array.from({ length: 1 + random.below(3) }, () => nearFilter(random));
    const startedAt = performance.now();
    try {
      const matches = parseFilters(texts);
      const id = anyText(random) + 'a'.repeat(random.below(3) * 10_000);
      expect(typeof matches(lookUp({ id, labels: { a: id, [anyText(random)]: 'x' } }))).toBe('boolean');
    } catch (error) {
      if (!(error instanceof GantryError)) throw error;
      expect(error.kind).toBe('invalid-argument');
      expect(error.message).toContain('parse error');
    }
    // Whatever a client asks for must not hold up the others.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  property('quoted fields and values mean what they say', (random) => {
    const quote = (text: string) => `"${[...text].map(goEscaped).join('')}"`;
    const keys = Array.from({ length: 3 }, () => anyText(random, 2) || 'k');
    const values = Array.from({ length: 3 }, () => anyText(random, 2));
    const labels = Object.fromEntries(keys.map((key) => [key, random.pick(values)]));
    const item = { id: random.pick(values), labels };
    const selectors = Array.from({ length: 1 + random.below(3) }, () => {
      const key = random.pick([...keys, 'absent']);
      const value = random.pick(values);
      const operator = random.pick(['==', '!=', 'present'] as const);
      const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
      const text = `labels.${quote(key)}${operator === 'present' ? '' : `${operator}${quote(value)}`}`;
      if (operator === 'present') return { text, holds: found !== undefined };
      return { text, holds: operator === '==' ? found === value : (found ?? '') !== value };
    });
    const filter = selectors.map(({ text }) => text).join(',');
    expect(parseFilters([filter])(lookUp(item)), filter).toBe(selectors.every(({ holds }) => holds));
    expect(parseFilters(['id==nobody', filter])(lookUp({ ...item, id: 'nobody' }))).toBe(true);
  });
});

/** As Go's strconv.Quote would. */
function goEscaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character;
}
