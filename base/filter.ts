import { parseFilter, type Selector } from './filter-parser.ts';
import { compilePattern } from './filter-regexp.ts';

/**
 * Looks up a field of the object being matched by its path; `undefined` means that the object has no such field. The
 * parts of a label key with dots arrive split: see `mapField`.
 */
export type FieldLookup = (path: readonly string[]) => string | undefined;

/** True for an object that matches. */
export type Matcher = (field: FieldLookup) => boolean;

/**
 * Compiles containerd filters (grammar: filter-parser.ts). An object matches when any of the filters does, and always if
 * there are none; the empty filter matches everything.
 * @throws GantryError invalid-argument for a filter that cannot be parsed
 */
export function parseFilters(texts: readonly string[]): Matcher {
  if (texts.length === 0) return () => true;
  const filters = texts.map((text) => (text === '' ? [] : parseFilter(text).map(compile)));
  return (field) => filters.some((selectors) => selectors.every((matches) => matches(field)));
}

/** The value of a map such as labels at the rest of a path: a key with dots was split, so the parts are joined again. */
export function mapField(map: Readonly<Record<string, string>>, path: readonly string[]): string | undefined {
  const key = path.join('.');
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function compile(selector: Selector): Matcher {
  const { path } = selector;
  if (selector.operator === 'present') return (field) => field(path) !== undefined;
  const { operator, value } = selector;
  if (operator === '==') return (field) => field(path) === value;
  // A field that is absent counts as empty here: it is different from every other value.
  if (operator === '!=') return (field) => (field(path) ?? '') !== value;
  const found = compilePattern(value);
  return (field) => found(field(path) ?? '');
}
