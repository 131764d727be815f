import { accessSync, constants } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { GantryError, invalidArgument } from '../../base/errors.ts';

/**
 * Finds the shim of a runtime. A runtime is named in one of three ways: by a name that the configuration maps to a path;
 * by the path itself; or by a name like `io.containerd.runc.v2`, whose last two parts make the file name
 * `containerd-shim-runc-v2`, looked for in the working directory, in PATH and beside the daemon, in that order.
 */
export class ShimBinaries {
  readonly #runtimes: Readonly<Record<string, string>>;
  readonly #executable: string;

  constructor(options: {
    /** Runtime name to shim path. */
    runtimes: Readonly<Record<string, string>>;
    /** The daemon's own file. */
    executable: string;
  }) {
    this.#runtimes = options.runtimes;
    this.#executable = options.executable;
  }

  /**
   * @param runtime a runtime's name or the absolute path of a shim
   * @throws GantryError invalid-argument for a malformed name, unknown if there is no such file
   */
  async resolve(runtime: string): Promise<string> {
    if (runtime === '') throw invalidArgument('no runtime name');
    const configured = Object.hasOwn(this.#runtimes, runtime) ? this.#runtimes[runtime] : undefined;
    if (configured !== undefined) return this.resolvePath(configured);
    if (isAbsolute(runtime)) return this.resolvePath(runtime);
    const name = binaryName(runtime);
    for (const directory of this.#directories()) {
      const path = resolve(directory, name);
      if (isExecutable(path)) return path;
    }
    throw new GantryError('unknown', `runtime "${runtime}" binary not installed "${name}": file does not exist`);
  }

  async resolvePath(path: string): Promise<string> {
    if (isExecutable(path)) return path;
    throw new GantryError('unknown', `invalid custom binary path: stat ${path}: no such file or directory`);
  }

  #directories(): string[] {
    const search = (process.env['PATH'] ?? '').split(':').filter((directory) => directory !== '');
    return [process.cwd(), ...search, dirname(this.#executable)];
  }
}

/**
 * The file name that a runtime's name stands for.
 * @throws GantryError invalid-argument for a name without two parts, or a relative path
 */
export function binaryName(runtime: string): string {
  const parts = runtime.split('.');
  const [name, version] = parts.slice(-2);
  if (runtime.includes('/') || version === undefined || parts[0] === '') {
    throw invalidArgument(
      `invalid runtime name ${runtime}, correct runtime name should be either format like ` +
        '`io.containerd.runc.v2` or a full path to the binary',
    );
  }
  return `containerd-shim-${name}-${version}`;
}

/** Asked at every start of a container, of a file that is in memory: not worth the way through the thread pool. */
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
