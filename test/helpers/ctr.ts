import { execa } from 'execa';
import type { Daemon } from './daemon.ts';

/** What a command printed and how it ended. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** How to run one command. */
export interface CtrOptions {
  readonly input?: string | Buffer;
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const commandDeadlineMs = 60_000;

/** Commands that make FIFOs, which ctr would else put into a folder of the whole machine. */
const withFifos = new Set(['run', 'tasks exec', 'tasks start']);

/** Debian's unmodified `ctr` on one daemon, in one namespace. */
export class Ctr {
  readonly daemon: Daemon;
  readonly namespace: string;

  constructor(daemon: Daemon, namespace: string) {
    this.daemon = daemon;
    this.namespace = namespace;
  }

  /** The same client in another namespace. */
  in(namespace: string): Ctr {
    return new Ctr(this.daemon, namespace);
  }

  /** The full command line. */
  argv(...args: string[]): string[] {
    const fifoAt = [args[0], args.slice(0, 2).join(' ')].findIndex((command) => withFifos.has(command ?? ''));
    const fifo = fifoAt < 0 ? [] : ['--fifo-dir', `${this.daemon.folder}/fifo`];
    const at = fifoAt + 1;
    return ['ctr', '-a', this.daemon.address, '-n', this.namespace, ...args.slice(0, at), ...fifo, ...args.slice(at)];
  }

  /** Runs a command whatever its exit code. */
  async try(args: readonly string[], options: CtrOptions = {}): Promise<Output> {
    const client = options.namespace === undefined ? this : this.in(options.namespace);
    const [file, ...rest] = client.argv(...args);
    const result = await execa(file as string, rest, {
      input: options.input ?? '',
      env: options.env ?? {},
      reject: false,
      stripFinalNewline: false,
      timeout: commandDeadlineMs,
    });
    // No exit code: it did not start, or it was killed at the deadline.
    if (result.exitCode === undefined) throw result;
    return { stdout: result.stdout, stderr: result.stderr, code: result.exitCode };
  }

  /** Starts a command that a test talks to while it runs; awaiting it gives its end, whatever the exit code. */
  start(...args: string[]) {
    const [file, ...rest] = this.argv(...args);
    return execa(file as string, rest, { reject: false, timeout: commandDeadlineMs });
  }

  /** Runs a command that has to succeed and returns its standard output. */
  async ok(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.try(args);
    if (code !== 0) throw new Error(`ctr ${args.join(' ')}: exit code ${code}: ${stderr.trim()}`);
    return stdout;
  }

  /** Runs a command that has to fail and returns its error text, without time stamps. */
  async fails(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.try(args);
    if (code === 0) throw new Error(`ctr ${args.join(' ')} succeeded: ${stdout.trim()}`);
    return stderr.replaceAll(/time="[^"]*"/g, 'time=…');
  }
}

/** Labels as ctr prints them, "a=b,c=d" in any order, put into one order. */
export function labelsIn(text: string): string[] {
  return text.trim().split(',').sort();
}
