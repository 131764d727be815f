import { execFile } from 'node:child_process';
import { lstat, open, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GantryError, invalidArgument, messageOf, wrap } from '../../base/errors.ts';
import type { Mount } from '../../proto/gen/api/types/mount.ts';
import { allowedPath } from './allowed-path.ts';

const prefix = 'X-containerd.mkfs.';
const makeTimeoutMs = 60_000;

const run = promisify(execFile);

interface FileSystem {
  sizeBytes: number;
  type: string;
  uuid: string;
}

/**
 * Makes the image file that is the mount's source, unless it is there, as options of the form `X-containerd.mkfs.KEY=VALUE`
 * say, and takes those options out. Keys: `size` (with units of 1024), `fs` (ext2, ext3, ext4 or xfs; ext4 without) and
 * `uuid`.
 */
export async function makeFileSystem(
  mount: Mount,
  roots: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<Mount> {
  const path = await allowedPath(mount.source, roots, 'mkfs');
  const fileSystem: FileSystem = { sizeBytes: 0, type: 'ext4', uuid: '' };
  for (const option of mount.options) if (option.startsWith(prefix)) take(fileSystem, option);
  if (fileSystem.sizeBytes === 0) throw invalidArgument('mkfs requires mkfs.size option');
  const { file, args } = command(fileSystem);
  if (!(await exists(path))) await make(path, fileSystem.sizeBytes, [file, ...args], options.signal);
  return { ...mount, options: mount.options.filter((option) => !option.startsWith(prefix)) };
}

function take(fileSystem: FileSystem, option: string): void {
  const [key = '', value = ''] = option.slice(prefix.length).split(/=(.*)/s);
  if (key === 'size') fileSystem.sizeBytes = parseSize(value);
  else if (key === 'fs') fileSystem.type = value;
  else if (key === 'uuid' && /^[0-9a-fA-F-]{0,36}$/.test(value)) fileSystem.uuid = value;
  else throw invalidArgument(`unknown mount option ${option}`);
}

/** Bytes of a size such as `64MiB`, `64mb`, `64m` or `67108864`. */
export function parseSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * 1024 ** ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase()));
  if (number === '' || !Number.isSafeInteger(bytes)) throw invalidArgument(`bad option size: invalid size: '${text}'`);
  return bytes;
}

function command({ type, uuid }: FileSystem): { file: string; args: string[] } {
  if (['ext2', 'ext3', 'ext4'].includes(type)) {
    return { file: `mkfs.${type}`, args: ['-q', ...(uuid === '' ? [] : ['-U', uuid])] };
  }
  if (type === 'xfs') return { file: 'mkfs.xfs', args: ['-q', ...(uuid === '' ? [] : ['-m', `uuid=${uuid}`])] };
  throw invalidArgument(`unsupported filesystem "${type}"`);
}

async function exists(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isFile()) throw new GantryError('failed-precondition', `mkfs source "${path}" is not a regular file`);
  return true;
}

async function make(path: string, sizeBytes: number, [file, ...args]: string[], signal: AbortSignal): Promise<void> {
  const image = await open(path, 'wx', 0o640);
  try {
    try {
      await image.truncate(sizeBytes);
    } finally {
      await image.close();
    }
    await run(file as string, [...args, path], { signal, timeout: makeTimeoutMs }).catch((error: unknown) => {
      const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : messageOf(error);
      throw new GantryError('unknown', `${file} failed: ${output}`, { cause: error });
    });
  } catch (error) {
    // Half a file system would be taken for a whole one the next time.
    await unlink(path).catch(() => undefined);
    throw wrap(error, `failed format "${path}"`);
  }
}
