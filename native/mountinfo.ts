import { readFile } from 'node:fs/promises';

/** One line of /proc/self/mountinfo. */
export interface MountInfo {
  readonly id: number;
  readonly parentId: number;
  /** `major:minor` of the file system. */
  readonly device: string;
  /** The directory of the file system that is mounted. */
  readonly root: string;
  readonly target: string;
  /** Options of this mount, such as `ro`, `nosuid`. */
  readonly options: readonly string[];
  /** Propagation: `shared:N`, `master:N`, … */
  readonly optional: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Options of the file system, such as `lowerdir=…`. */
  readonly superOptions: readonly string[];
}

/** Space, tab, newline and backslash in a path are written as octal escapes. */
function decodeEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Reads the text of a mountinfo file, in the order of the mounts. Lines of another form are left out. */
export function parseMountInfo(text: string): MountInfo[] {
  const mounts: MountInfo[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const [id, parentId, device, root, target, options] = fields;
    const [type, source, superOptions] = fields.slice(separator + 1);
    if (separator < 0 || !id || !parentId || !device || !root || !target || !options || !type) continue;
    mounts.push({
      id: Number(id),
      parentId: Number(parentId),
      device,
      root: decodeEscapes(root),
      target: decodeEscapes(target),
      options: options.split(','),
      optional: fields.slice(6, separator),
      type,
      source: decodeEscapes(source ?? ''),
      superOptions: superOptions === undefined ? [] : decodeEscapes(superOptions).split(','),
    });
  }
  return mounts;
}

/** All mounts this process can see, in the order of /proc/self/mountinfo. */
export async function readMountInfo(): Promise<MountInfo[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
}
