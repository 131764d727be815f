/** One path of an update mask: a field, or one key of a field that is a map. */
export interface MaskPath {
  readonly field: string;
  /** Everything behind the first dot, for keys may hold dots themselves. */
  readonly key?: string;
}

/** Splits a path at its first dot if it leads into one of `maps`; any other path is a field, known or not. */
export function parseMaskPath(path: string, maps: readonly string[]): MaskPath {
  const dot = path.indexOf('.');
  const field = path.slice(0, dot);
  return dot > 0 && maps.includes(field) ? { field, key: path.slice(dot + 1) } : { field: path };
}

/** A map after an update through a mask: all of `change`, or with a `key` only that one set, or removed if not there. */
export function updatedMap<T>(
  current: Readonly<Record<string, T>>,
  change: Readonly<Record<string, T>>,
  key: string | undefined,
): Record<string, T> {
  if (key === undefined) return { ...change };
  const { [key]: _, ...others } = current;
  return Object.hasOwn(change, key) ? { ...others, [key]: change[key] as T } : others;
}
