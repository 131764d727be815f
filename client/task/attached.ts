import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { GantryError, messageOf } from '../../base/errors.ts';
import {
  ATTACH_VERSION,
  encodeHello,
  encodeInput,
  encodeSize,
  FROM_SHIM,
  type Frame,
  FrameReader,
} from '../../proto/attach-frame.ts';

/** Where a process's output goes, and what is told on the way. */
export interface AttachedOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** So many bytes of output are missing here, because they were read too slowly. */
  onSkipped(bytes: number): void;
}

/** A connection to the attach socket of a process, which is its shim's: no daemon is needed. Closing it is detaching. */
export class Attached implements Disposable {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #output: AttachedOutput;
  readonly #hello = Promise.withResolvers<{ terminal: boolean; input: boolean }>();
  readonly #over = Promise.withResolvers<'ended' | 'lost'>();

  private constructor(socket: Socket, output: AttachedOutput) {
    this.#socket = socket;
    this.#output = output;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#hello.reject(error));
    socket.on('close', () => {
      this.#hello.reject(new GantryError('unavailable', 'the shim has closed the attach socket'));
      this.#over.resolve('lost');
    });
    this.#over.promise.catch(() => undefined);
    this.#hello.promise.catch(() => undefined);
  }

  /**
   * Connects; with `replay` output begins with the latest that there was.
   * @throws GantryError not-found when nobody listens there
   */
  static async connect(path: string, output: AttachedOutput, { replay }: { replay: boolean }): Promise<Attached> {
    const socket = createConnection(path);
    try {
      await once(socket, 'connect');
    } catch (error) {
      socket.destroy();
      throw new GantryError('not-found', `nothing to attach to at ${path}: ${messageOf(error)}`, { cause: error });
    }
    const attached = new Attached(socket, output);
    await attached.#hello.promise;
    socket.write(encodeHello({ replay }));
    return attached;
  }

  /** Whether the process has a terminal, and whether it reads what clients write. */
  get about(): Promise<{ terminal: boolean; input: boolean }> {
    return this.#hello.promise;
  }

  /** `ended` when all output has been given, `lost` when the connection is gone before that. */
  get over(): Promise<'ended' | 'lost'> {
    return this.#over.promise;
  }

  /** Writes input; false when the process does not keep up and `drained` should be waited for. */
  write(bytes: Uint8Array): boolean {
    return encodeInput(bytes)
      .map((frame) => this.#socket.write(frame))
      .every(Boolean);
  }

  /** Resolves when all input has been taken. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain) await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
  }

  /** Sets the size of the process's terminal. */
  resize(size: { columns: number; rows: number }): void {
    this.#socket.write(encodeSize(size));
  }

  /** Detaches once what was written is on its way. */
  close(): void {
    this.#socket.destroySoon();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#reader.push(bytes)) this.#take(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take({ type, payload }: Frame): void {
    if (type === FROM_SHIM.stdout) this.#give(this.#output.stdout, payload);
    else if (type === FROM_SHIM.stderr) this.#give(this.#output.stderr, payload);
    else if (type === FROM_SHIM.skipped) this.#output.onSkipped(Number(payload.readBigUInt64BE()));
    else if (type === FROM_SHIM.end) this.#over.resolve('ended');
    else if (type === FROM_SHIM.refused) this.#fail(new GantryError('failed-precondition', payload.toString()));
    else if (type === FROM_SHIM.hello) this.#greet(payload);
  }

  #greet(payload: Buffer): void {
    const [version, flags = 0] = payload;
    if (version === ATTACH_VERSION) this.#hello.resolve({ terminal: (flags & 1) !== 0, input: (flags & 2) !== 0 });
    else this.#fail(new GantryError('unimplemented', `attach protocol version ${version} is not supported`));
  }

  /** At the pace of whoever reads: the shim drops what we do not take, and says so. */
  #give(target: Writable, bytes: Buffer): void {
    if (target.write(bytes) || this.#socket.isPaused()) return;
    this.#socket.pause();
    target.once('drain', () => this.#socket.resume());
  }

  #fail(error: unknown): void {
    this.#hello.reject(error);
    this.#over.reject(error);
    this.#socket.destroy();
  }
}
