import { constants, open } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

/** A line longer than this is logged in pieces, so that a shim cannot fill the daemon's memory. */
const maxLineChars = 16_384;

/** Copies what a shim writes to its `log` FIFO into the daemon's log. */
export class ShimLog implements Disposable {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Opens the FIFO for reading. It stays open for writing too, or the shim's start helper, which is the first writer and
   * ends at once, would make it read as ended.
   */
  static async open(bundlePath: string, log: Logger): Promise<ShimLog> {
    const fd = await promisify(open)(join(bundlePath, 'log'), constants.O_RDWR | constants.O_NONBLOCK);
    const socket = new Socket({ fd, readable: true, writable: false });
    const lines = new LineSplitter((line) => logLine(line, log));
    const decoder = new StringDecoder('utf8');
    socket.on('data', (chunk: Buffer) => lines.push(decoder.write(chunk)));
    socket.on('error', (error) => log.warn({ error: messageOf(error) }, 'cannot read shim log'));
    return new ShimLog(socket);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Cuts text into lines, and lines that are too long into pieces. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (; this.#rest.length > maxLineChars; this.#rest = this.#rest.slice(maxLineChars)) {
      lines.push(this.#rest.slice(0, maxLineChars));
    }
    for (const line of lines) if (line !== '') this.#onLine(line);
  }
}

/** Shims write logrus' text format; its level decides ours. Progress reports of a shim are details to the daemon. */
function logLine(line: string, log: Logger): void {
  const level = /\blevel=(\w+)/.exec(line)?.[1];
  if (level === 'error' || level === 'fatal' || level === 'panic') log.error({ line }, 'shim');
  else if (level === 'warning' || level === undefined) log.warn({ line }, 'shim');
  else log.debug({ line }, 'shim');
}
