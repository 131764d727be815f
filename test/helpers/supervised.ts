import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { buildFolder } from './paths.ts';

/** What to run and where its two outputs go. */
export interface SupervisedCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** File that standard output and error are appended to. */
  readonly logPath: string;
  readonly cwd?: string;
}

/** How a command ended: `exit` with its code or `signal` with its number. */
export interface Ending {
  readonly how: 'exit' | 'signal';
  readonly value: number;
}

/**
 * A command below a parent that reaps what it leaves behind (see reaper.c). Ending the command does not end its orphans;
 * closing this does.
 */
export class Supervised implements AsyncDisposable {
  readonly #reaper: ChildProcess;
  readonly #ended: Promise<Ending>;
  #ending: Ending | undefined;
  #pid = 0;

  private constructor(reaper: ChildProcess, ended: Promise<Ending>) {
    this.#reaper = reaper;
    this.#ended = ended;
  }

  /** Starts the command; returns when it has a process id. */
  static async start(command: SupervisedCommand): Promise<Supervised> {
    const log = openSync(command.logPath, 'a');
    const reaper = spawn(join(buildFolder, 'test-reaper'), command.argv, {
      stdio: ['pipe', log, log, 'pipe'],
      env: command.env,
      cwd: command.cwd,
    });
    closeSync(log);
    const reports = createInterface({ input: reaper.stdio[3] as Readable });
    const started = Promise.withResolvers<number>();
    const ended = Promise.withResolvers<Ending>();
    const supervised = new Supervised(reaper, ended.promise);
    reaper.on('error', (error) => started.reject(error));
    reports.on('line', (line) => {
      const [what, value] = line.split(' ');
      if (what === 'pid') started.resolve(Number(value));
      else ended.resolve({ how: what === 'exit' ? 'exit' : 'signal', value: Number(value) });
    });
    void ended.promise.then((ending) => {
      supervised.#ending = ending;
    });
    supervised.#pid = await started.promise;
    return supervised;
  }

  /** Process id of the command. */
  get pid(): number {
    return this.#pid;
  }

  /** Process id of the reaping parent. */
  get reaperPid(): number {
    return this.#reaper.pid ?? 0;
  }

  /** How the command ended, undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Sends the command a signal and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    if (this.#ending === undefined) process.kill(this.#pid, signal);
    return this.#ended;
  }

  /** Waits for the command to end on its own. */
  async wait(): Promise<Ending> {
    return this.#ended;
  }

  /** Kills the command and everything below it. */
  async close(): Promise<void> {
    if (this.#reaper.exitCode !== null || this.#reaper.signalCode !== null) return;
    this.#reaper.stdin?.end();
    await once(this.#reaper, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
