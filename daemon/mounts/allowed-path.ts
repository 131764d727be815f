import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { GantryError, wrap } from '../../base/errors.ts';

/**
 * Where a path that a client named really is, if that is below one of the roots in which files may be made. Links on the
 * way there are followed first, so that none leads out.
 * @throws GantryError unimplemented for a path outside of them, as in containerd
 */
export async function allowedPath(path: string, roots: readonly string[], purpose: string): Promise<string> {
  const wanted = resolve('/', path);
  const refused = () => new GantryError('unimplemented', `no root "${path}" configured for ${purpose}`);
  if (!isBelowAny(wanted, roots)) throw refused();
  const parent = await realpath(dirname(wanted)).catch((error: unknown) => {
    throw wrap(error, `failed to stat "${path}"`);
  });
  const found = join(parent, basename(wanted));
  const realRoots = await Promise.all(roots.map((root) => realpath(root)));
  if (!isBelowAny(found, realRoots)) throw refused();
  return found;
}

function isBelowAny(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path.startsWith(root + sep));
}
