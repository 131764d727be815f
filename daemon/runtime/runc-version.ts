import { type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import { type Any, holds, unpack } from '../../proto/any.ts';
import { runCommand } from './run-command.ts';

/** The first release whose command line and log format the shim relies on. */
const oldest = [1, 1] as const;

const timeoutMs = 5_000;

const runcShims = ['containerd-shim-gantry-v1', 'containerd-shim-runc-v2'];
const runcOptions = 'containerd.runc.v1.Options';

/**
 * Keeps containers from being started by a runc that is too old. Each binary is asked once, and again when the file
 * changes; the shim would only find out from a failure that does not tell why.
 */
export class RuncVersions {
  /** What `--version` prints, by path, time and size of the binary. */
  readonly #answers = new Map<string, Promise<string>>();

  /** Checks the runc that a shim of ours or containerd's would run; other shims run other things. */
  async requireFor(shimPath: string, options: Any | null): Promise<void> {
    if (!runcShims.includes(basename(shimPath))) return;
    const named = holds(options, runcOptions) ? unpack(runcOptions, options).binaryName : '';
    await this.require(named || 'runc');
  }

  /**
   * @param binary name or path; one that is not there, or is not runc, is for the shim to complain about
   * @throws GantryError failed-precondition that names the version and what is needed
   */
  async require(binary: string): Promise<void> {
    const found = find(binary);
    if (found === undefined) return;
    const { path } = found;
    const answer = await this.#ask(path, found.stats);
    const [, version = '', major, minor] = /^runc version ((\d+)\.(\d+)\S*)/m.exec(answer) ?? [];
    if (version === '') return;
    const [oldestMajor, oldestMinor] = oldest;
    if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)) return;
    throw failedPrecondition(
      `runc ${version} at ${path} is too old: install runc ${oldestMajor}.${oldestMinor} or later`,
    );
  }

  #ask(path: string, { mtimeMs, size, ino }: Stats): Promise<string> {
    const key = `${path}\0${mtimeMs}\0${size}\0${ino}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    // A binary that was replaced is not asked for again.
    for (const old of this.#answers.keys()) if (old.startsWith(`${path}\0`)) this.#answers.delete(old);
    const command = { path, args: ['--version'], cwd: '/', env: process.env, timeoutMs };
    const answer = runCommand(command).then(
      ({ stdout }) => stdout.toString(),
      () => '',
    );
    this.#answers.set(key, answer);
    return answer;
  }
}

/** Asked at every start of a container, in directories that are in memory: not worth the way through the thread pool. */
function find(binary: string): { path: string; stats: Stats } | undefined {
  const candidates = binary.includes('/')
    ? [binary]
    : (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, binary));
  for (const path of candidates) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() && (stats.mode & 0o111) !== 0) return { path, stats };
  }
  return undefined;
}
