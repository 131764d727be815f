import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { printJsonLine } from '../output/print.ts';
import { type LogRecord, parseRecord } from './record.ts';
import type { LogUri } from './uri.ts';

export interface PrintOptions {
  readonly json: boolean;
  readonly timestamps: boolean;
  /** Leaves out what is older. */
  readonly since?: Date | undefined;
}

/** Writes the records of a log to the stream that each belongs to, at the pace of whoever reads. */
export class LogPrinter {
  readonly #format: Exclude<LogUri['format'], 'raw'>;
  readonly #options: PrintOptions;
  /** Streams whose last record was a part of a line. */
  readonly #unfinished = new Set<string>();
  #unreadable = 0;

  constructor(format: Exclude<LogUri['format'], 'raw'>, options: PrintOptions) {
    this.#format = format;
    this.#options = options;
  }

  async print(lines: readonly Buffer[]): Promise<void> {
    // One write for what belongs together.
    let pending: { stream: LogRecord['stream']; text: string } | undefined;
    for (const line of lines) {
      const record = parseRecord(this.#format, line);
      if (record === undefined) this.#unreadable += 1;
      if (record === undefined || this.#isTooOld(record)) continue;
      if (record.lost !== undefined) tellLost(record.lost);
      if (this.#options.json) {
        printRecord(record);
        continue;
      }
      if (pending?.stream !== record.stream) {
        await write(pending);
        pending = { stream: record.stream, text: '' };
      }
      pending.text += this.#textOf(record);
    }
    await write(pending);
  }

  /** What could not be read is told at the end. */
  finish(): void {
    if (this.#unreadable > 0) process.stderr.write(`gantry: ${this.#unreadable} records of the log are damaged\n`);
  }

  #isTooOld({ time }: LogRecord): boolean {
    return this.#options.since !== undefined && new Date(time) < this.#options.since;
  }

  #textOf({ stream, time, text }: LogRecord): string {
    const begins = !this.#unfinished.has(stream);
    if (text === '') return '';
    if (text.endsWith('\n')) this.#unfinished.delete(stream);
    else this.#unfinished.add(stream);
    return this.#options.timestamps && begins ? `${time} ${text}` : text;
  }
}

function printRecord({ stream, time, text }: LogRecord): void {
  if (text === '') return;
  const isWhole = text.endsWith('\n');
  printJsonLine({ time, stream, line: isWhole ? text.slice(0, -1) : text, ...(isWhole ? {} : { isPart: true }) });
}

function tellLost({ bytes, reason }: { bytes: number; reason: string }): void {
  process.stderr.write(`gantry: ${bytes} bytes of the log are missing here: ${reason}\n`);
}

async function write(pending: { stream: 'stdout' | 'stderr'; text: string } | undefined): Promise<void> {
  if (pending === undefined) return;
  const target: Writable = process[pending.stream];
  if (!target.write(pending.text)) await once(target, 'drain');
}
