import { once } from 'node:events';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Client } from '../client.ts';
import { type FifoName, FifoSet } from './fifo-set.ts';
import type { Process } from './process.ts';

/** After the process has ended, output that something else holds open is given up once it has been silent for so long. */
const silenceMs = 1_000;
const silenceCheckMs = 100;

/** Where a process's standard streams lead. Without `stdin` it reads nothing; with `terminal` there is no `stderr`. */
export interface Streams {
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly terminal: boolean;
}

/** What the daemon is told of a process's standard streams: paths or log URIs. */
export interface StdioPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

/** Copies between the named pipes of a process and streams of ours, each at the pace of the slower side. */
export class ProcessIo implements AsyncDisposable {
  readonly paths: StdioPaths;
  readonly #fifos: FifoSet;
  readonly #streams: Streams;
  readonly #copies: Copy[] = [];

  private constructor(fifos: FifoSet, streams: Streams, paths: StdioPaths) {
    this.#fifos = fifos;
    this.#streams = streams;
    this.paths = paths;
  }

  /** Makes the pipes: below `fifo/` beside the daemon's socket, where the shim, too, can reach them. */
  static async create(client: Client, streams: Streams): Promise<ProcessIo> {
    const names: FifoName[] = ['stdout'];
    if (!streams.terminal) names.push('stderr');
    if (streams.stdin !== undefined) names.push('stdin');
    const fifos = await FifoSet.create(join(dirname(client.address), 'fifo'), names);
    const { terminal } = streams;
    const [stdin, stdout, stderr] = [fifos.path('stdin'), fifos.path('stdout'), fifos.path('stderr')];
    return new ProcessIo(fifos, streams, { stdin, stdout, stderr, terminal });
  }

  /** Starts copying; to be called once the shim has opened its ends, which it does while it makes the process. */
  connect(process: Process): void {
    const { stdin, stdout, stderr, terminal } = this.#streams;
    this.#copies.push(new Copy(this.#fifos.connect('stdout'), stdout));
    if (!terminal) this.#copies.push(new Copy(this.#fifos.connect('stderr'), stderr));
    if (stdin !== undefined) this.#feed(stdin, process);
  }

  /** Waits, after the process has ended, until all that it wrote has reached the streams. */
  async drained(): Promise<void> {
    await Promise.all(this.#copies.map((copy) => copy.drained()));
  }

  async close(): Promise<void> {
    this.#streams.stdin?.unpipe();
    await this.#fifos.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #feed(stdin: Readable, process: Process): void {
    const fifo = this.#fifos.connect('stdin');
    // The process has closed its input or ended; that is not ours to report.
    fifo.on('error', () => stdin.unpipe(fifo));
    const end = () => {
      // All is in the pipe when the write is called back; only then may the other side see the end.
      fifo.write('', () => {
        fifo.destroy();
        process.closeStdin().catch(() => undefined);
      });
    };
    stdin.pipe(fifo, { end: false });
    // A terminal that hangs up is an error to Node and the end of the input to the process.
    stdin.once('end', end).once('error', end);
  }
}

/** One output, from its pipe to its stream. */
class Copy {
  readonly #source: Socket;
  readonly #target: Writable;
  readonly #ended: Promise<unknown>;
  #receivedAtMs = 0;

  constructor(source: Socket, target: Writable) {
    this.#source = source;
    this.#target = target;
    this.#ended = once(source, 'close').catch(() => undefined);
    source.on('error', () => source.destroy());
    source.on('data', () => {
      this.#receivedAtMs = Date.now();
    });
    source.pipe(target, { end: false });
  }

  async drained(): Promise<void> {
    this.#receivedAtMs = Date.now();
    const watch = setInterval(() => {
      const isSilent = Date.now() - this.#receivedAtMs > silenceMs;
      if (isSilent && !this.#target.writableNeedDrain) this.#source.destroy();
    }, silenceCheckMs);
    await this.#ended;
    clearInterval(watch);
    if (this.#target.writableLength > 0) await new Promise<void>((resolve) => this.#target.write('', () => resolve()));
  }
}
