import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** The reading end of a FIFO that a container's output goes to. */
export class Sink implements Disposable {
  readonly path: string;
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];

  constructor(path: string) {
    this.path = path;
    // Also for writing: a FIFO without a writer would read as ended, and that is not what is watched for here.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  get lines(): string[] {
    return Buffer.concat(this.#chunks).toString().split('\n').slice(0, -1);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
