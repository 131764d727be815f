import { join } from 'node:path';
import { execa } from 'execa';
import type { Output } from './ctr.ts';
import { repository } from './paths.ts';
import type { Side } from './side.ts';

const commandDeadlineMs = 60_000;

/** Our own command line on one daemon, in one namespace, its logs in the daemon's folder. */
export class Gantry {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  /** The full command line. */
  argv(...args: string[]): string[] {
    return [join(repository, 'bin/gantry'), '-a', this.#side.daemon.address, '-n', this.#side.namespace, ...args];
  }

  /** What the command line finds in its environment. */
  get env(): Record<string, string> {
    return { GANTRY_DATA: join(this.#side.daemon.folder, 'cli') };
  }

  /** Runs a command whatever its exit status. */
  async try(args: readonly string[], input: string | Buffer = ''): Promise<Output> {
    const result = await this.#start(args, { input, stripFinalNewline: false });
    // No exit code: it did not start, or it was killed at the deadline.
    if (result.exitCode === undefined) throw result;
    return { stdout: result.stdout as string, stderr: result.stderr as string, code: result.exitCode };
  }

  /** Starts a command that a test talks to while it runs; awaiting it gives its end, whatever the exit status. */
  start(...args: string[]) {
    return this.#start(args, {});
  }

  /** Runs a command that has to succeed and returns its standard output. */
  async ok(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.try(args);
    if (code !== 0) throw new Error(`gantry ${args.join(' ')}: exit status ${code}: ${stderr.trim()}`);
    return stdout;
  }

  /** Runs a command that has to succeed and returns what it printed as JSON. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '--json')) as T;
  }

  #start(args: readonly string[], options: { input?: string | Buffer; stripFinalNewline?: false }) {
    const [file = '', ...rest] = this.argv(...args);
    return execa(file, rest, { ...options, env: this.env, reject: false, timeout: commandDeadlineMs });
  }
}
