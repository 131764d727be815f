import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout. */
export const repository = resolve(import.meta.dirname, '../..');

/** The output of `scripts/setup.sh`: bundles, shim, addon and the small programs of the tests. */
export const buildFolder = join(repository, 'build');

/** A new empty folder with a path short enough for the sockets in it (104 bytes). */
export function shortTempFolder(): string {
  return mkdtempSync('/tmp/gt-');
}

/** Such a folder that goes away with its user. */
export class TempFolder implements Disposable {
  readonly path = shortTempFolder();

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
