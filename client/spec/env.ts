const defaultEnv = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/**
 * The environment of a process: the image's (or a default PATH where it has none), changed by `overrides`. `KEY=value`
 * sets, a bare `KEY` removes. The result is a new list, in the image's order.
 */
export function mergeEnv(imageEnv: readonly string[], overrides: readonly string[]): string[] {
  const merged = new Map<string, string>();
  for (const entry of imageEnv.length > 0 ? imageEnv : defaultEnv) merged.set(keyOf(entry), entry);
  for (const entry of overrides) {
    if (entry.includes('=')) merged.set(keyOf(entry), entry);
    else merged.delete(entry);
  }
  return [...merged.values()];
}

function keyOf(entry: string): string {
  const equals = entry.indexOf('=');
  return equals === -1 ? entry : entry.slice(0, equals);
}
