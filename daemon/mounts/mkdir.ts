import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { GantryError, invalidArgument, wrap } from '../../base/errors.ts';
import type { Mount } from '../../proto/gen/api/types/mount.ts';
import { allowedPath } from './allowed-path.ts';

const prefix = 'X-containerd.mkdir.';
const defaultMode = 0o700;

interface Directory {
  readonly path: string;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Makes the directories that options of the form `X-containerd.mkdir.path=PATH[:MODE[:UID:GID]]` name, and takes those
 * options out. A directory that is there already has to have the mode.
 */
export async function makeDirectories(mount: Mount, roots: readonly string[]): Promise<Mount> {
  const options: string[] = [];
  for (const option of mount.options) {
    if (option.startsWith(prefix)) await make(parse(option), roots);
    else options.push(option);
  }
  return { ...mount, options };
}

function parse(option: string): Directory {
  const value = option.slice(prefix.length);
  if (!value.startsWith('path=')) throw invalidArgument(`invalid mkdir option "${option}"`);
  const [path = '', mode, uid, gid, ...rest] = value.slice('path='.length).split(':');
  if (rest.length > 0 || (uid === undefined) !== (gid === undefined)) {
    throw invalidArgument(`invalid mkdir option "${option}"`);
  }
  return {
    path,
    mode: mode === undefined ? defaultMode : parseMode(mode),
    owner: uid === undefined || gid === undefined ? undefined : { uid: id('uid', uid), gid: id('gid', gid) },
  };
}

function parseMode(text: string): number {
  if (!/^[0-7]{1,10}$/.test(text) || Number.parseInt(text, 8) > 0o777) throw invalidArgument(`invalid mode ${text}`);
  return Number.parseInt(text, 8);
}

function id(what: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw invalidArgument(`invalid ${what} "${text}"`);
  return Number(text);
}

async function make({ path, mode, owner }: Directory, roots: readonly string[]): Promise<void> {
  const found = await allowedPath(path, roots, 'mkdir');
  try {
    await mkdir(found, { mode: defaultMode });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!exists) throw wrap(error, `failed to create directory "${path}"`);
    const present = await lstat(found);
    if (present.isDirectory() && (present.mode & 0o777) === mode) return;
    throw new GantryError('unimplemented', `"${path}" exists and is not a directory with mode ${mode.toString(8)}`);
  }
  if (owner !== undefined) await chown(found, owner.uid, owner.gid);
  // Whatever the umask.
  await chmod(found, mode);
}
