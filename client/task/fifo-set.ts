import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { sys } from '../../native/sys.ts';

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK } = constants;

export type FifoName = 'stdin' | 'stdout' | 'stderr';

/**
 * The named pipes between a client and a shim, in a directory of their own.
 *
 * Until the shim has opened its ends, each pipe is held open in both directions: nothing blocks, no end sees an early end
 * of file. `connect` then opens the one direction we need and lets go of the other, so that from there on the end of the
 * shim's side is an end of file on ours. Opening never waits, or a few pipes without a peer would stop all file access of
 * the process.
 */
export class FifoSet implements AsyncDisposable {
  readonly #directory: string;
  readonly #holders = new Map<FifoName, number>();
  readonly #sockets: Socket[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the pipes below `parent`, which is created if need be. */
  static async create(parent: string, names: readonly FifoName[]): Promise<FifoSet> {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const fifos = new FifoSet(await mkdtemp(join(parent, 'io-')));
    try {
      for (const name of names) {
        await sys.makeFifo(fifos.#path(name), 0o600);
        fifos.#holders.set(name, openSync(fifos.#path(name), O_RDWR | O_NONBLOCK));
      }
      return fifos;
    } catch (error) {
      await fifos.close();
      throw error;
    }
  }

  /** Path of a pipe, or an empty text for one that was not asked for: what the daemon is to be told. */
  path(name: FifoName): string {
    return this.#holders.has(name) ? this.#path(name) : '';
  }

  /** Our end of a pipe, once the shim has opened its own: readable for the outputs, writable for stdin. */
  connect(name: FifoName): Socket {
    const isInput = name === 'stdin';
    const fd = openSync(this.#path(name), (isInput ? O_WRONLY : O_RDONLY) | O_NONBLOCK);
    const socket = new Socket({ fd, readable: !isInput, writable: isInput });
    this.#sockets.push(socket);
    this.#release(name);
    return socket;
  }

  /** Closes our ends and removes the pipes. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
    for (const name of [...this.#holders.keys()]) this.#release(name);
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #path(name: FifoName): string {
    return join(this.#directory, name);
  }

  #release(name: FifoName): void {
    const fd = this.#holders.get(name);
    if (fd !== undefined) closeSync(fd);
    this.#holders.delete(name);
  }
}
