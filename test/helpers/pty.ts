import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { eventually } from './eventually.ts';
import { buildFolder } from './paths.ts';

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** How a command on a terminal ended. */
export interface TerminalEnding {
  /** Exit code, 128 + N if signal N ended it. */
  readonly code: number;
  /** True if the command left the terminal's modes as it had found them. */
  readonly restored: boolean;
}

/** A command that runs on a real terminal (see pty.c), typed at and read by a test. */
export class TerminalSession implements AsyncDisposable {
  readonly #process: ChildProcess;
  #output = '';
  #errors = '';

  constructor(argv: readonly string[], size: TerminalSize = { rows: 24, columns: 80 }) {
    this.#process = spawn(join(buildFolder, 'test-pty'), [`${size.rows}`, `${size.columns}`, ...argv], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** All that was shown so far, line ends as the terminal makes them (CR LF). */
  get output(): string {
    return this.#output;
  }

  /** Types text; a line is sent with "\n", end of input with "\x04". */
  type(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Changes the size of the terminal. */
  resize({ rows, columns }: TerminalSize): void {
    (this.#process.stdio[3] as Writable).write(`${rows} ${columns}\n`);
  }

  /** Waits until the output matches. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = pattern.exec(this.#output);
      if (match === null) throw new Error(`${pattern} is not in the output: ${JSON.stringify(this.#output)}`);
      return match;
    });
  }

  /** Waits for the command to end. */
  async ended(): Promise<TerminalEnding> {
    if (this.#process.exitCode === null) await once(this.#process, 'close');
    return { code: this.#process.exitCode ?? -1, restored: this.#errors.includes('termios restored') };
  }

  /** Hangs up if the command still runs. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    // The terminal goes away with its only master, and the command gets SIGHUP.
    this.#process.kill('SIGKILL');
    await once(this.#process, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
