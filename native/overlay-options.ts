import { dirname } from 'node:path';

/** fsconfig(2) takes strings of up to 255 bytes; longer paths go as descriptors. */
export const maxStringBytes = 255;

const layerOptions = new Set(['upperdir', 'workdir', 'lowerdir+', 'datadir+']);

/** The directories of a `lowerdir=` value, topmost first. A colon in a name is written `\:`. */
export function splitLowerDirs(value: string): string[] {
  return value.split(/(?<!\\):/).map((each) => each.replaceAll('\\:', ':'));
}

function splitOptions(data: readonly string[]): string[] {
  return data.flatMap((each) => each.split(/(?<!\\),/)).filter((each) => each !== '');
}

/**
 * Overlay options as fsconfig(2) parameters (triples of kind, key, value; see fs_mount.c), one per lower directory, so
 * that their number is not limited by the size of a page.
 */
export function overlayParameters(data: readonly string[]): string[] {
  return splitOptions(data).flatMap((option) => {
    const equals = option.indexOf('=');
    if (equals < 0) return ['flag', option, ''];
    const key = option.slice(0, equals);
    const value = option.slice(equals + 1);
    if (key !== 'lowerdir') return parameter(key, value);
    // "::" starts data-only layers, which have a key of their own.
    const [merged = '', ...dataOnly] = value.split('::');
    return [
      ...splitLowerDirs(merged).flatMap((directory) => parameter('lowerdir+', directory)),
      ...dataOnly.flatMap(splitLowerDirs).flatMap((directory) => parameter('datadir+', directory)),
    ];
  });
}

function parameter(key: string, value: string): string[] {
  const byDescriptor = layerOptions.has(key) && Buffer.byteLength(value) > maxStringBytes;
  return [byDescriptor ? 'directory' : 'string', key, value];
}

/**
 * Makes overlay options fit into `maxBytes`, where possible, by writing the lower directories relative to the deepest
 * directory they share, from which the mount then has to be made.
 */
export function shortenLowerDirs(
  data: readonly string[],
  maxBytes: number,
): { data: readonly string[]; directory: string | null } {
  const unchanged = { data, directory: null };
  const lower = data.find((option) => option.startsWith('lowerdir='));
  if (lower === undefined || data.reduce((sum, option) => sum + Buffer.byteLength(option) + 1, 0) <= maxBytes) {
    return unchanged;
  }
  const directories = lower.slice('lowerdir='.length).split(/(?<!\\):/);
  const shared = sharedParent(directories);
  if (shared === undefined) return unchanged;
  const relative = directories.map((each) => each.slice(shared.length + 1));
  const others = data.filter((option) => option !== lower);
  return { data: [...others, `lowerdir=${relative.join(':')}`], directory: shared.replaceAll('\\:', ':') };
}

function sharedParent(directories: readonly string[]): string | undefined {
  const [first] = directories;
  if (first === undefined || directories.length < 2) return undefined;
  let shared = dirname(first);
  while (shared !== '/' && shared !== '.') {
    const prefix = `${shared}/`;
    if (directories.every((each) => each.startsWith(prefix) && each.length > prefix.length)) return shared;
    shared = dirname(shared);
  }
  return undefined;
}
