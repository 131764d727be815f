import { setTimeout as sleep } from 'node:timers/promises';
import { isKind } from '../../base/errors.ts';
import type { Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

/** How long a daemon that does not answer is put up with, and how often it is asked again. */
const outageMaxMs = 60_000;
const outagePauseMs = 200;

export type ProcessStatus = Messages['containerd.v1.types.Process']['status'];

/** How a process ended: 0 to 255, 128 + N after signal N. */
export interface Exit {
  readonly status: number;
  readonly exitedAt: Messages['google.protobuf.Timestamp'] | null;
}

/** The first process of a container, or with an `execId` one that was added to it. */
export class Process {
  readonly containerId: string;
  /** Empty for the first process. */
  readonly execId: string;
  readonly #client: Client;

  constructor(client: Client, containerId: string, execId = '') {
    this.#client = client;
    this.containerId = containerId;
    this.execId = execId;
  }

  /**
   * Starts it and returns its process id on the host. If the daemon goes away before it has answered, its successor is
   * asked what became of the start.
   */
  async start(options: CallOptions = {}): Promise<number> {
    try {
      return (await this.#tasks.Start(this.#ids, options)).pid;
    } catch (error) {
      if (!isOutage(error, options)) throw error;
      const process = await this.#outlast(error, options);
      return process?.status === 'CREATED' ? (await this.#tasks.Start(this.#ids, options)).pid : (process?.pid ?? 0);
    }
  }

  async status(options: CallOptions = {}): Promise<ProcessStatus> {
    const { process } = await this.#tasks.Get(this.#ids, options);
    return process?.status ?? 'UNKNOWN';
  }

  /**
   * Waits until it ends. The daemon may go away and come back meanwhile: the process does not depend on it, so only an
   * outage of more than a minute is an error.
   */
  async wait(options: CallOptions = {}): Promise<Exit> {
    for (;;) {
      try {
        const { exitStatus, exitedAt } = await this.#tasks.Wait(this.#ids, options);
        return { status: exitStatus, exitedAt };
      } catch (error) {
        if (!isOutage(error, options)) throw error;
        await this.#outlast(error, options);
      }
    }
  }

  /** Sends a signal by number; `all` reaches every process of the container. */
  async kill(signal: number, options: CallOptions & { all?: boolean } = {}): Promise<void> {
    await this.#tasks.Kill({ ...this.#ids, signal, all: options.all ?? false }, options);
  }

  async resize({ columns, rows }: { columns: number; rows: number }, options: CallOptions = {}): Promise<void> {
    await this.#tasks.ResizePty({ ...this.#ids, width: columns, height: rows }, options);
  }

  /** Lets the process see the end of its standard input once it has read what was written. */
  async closeStdin(options: CallOptions = {}): Promise<void> {
    await this.#tasks.CloseIO({ ...this.#ids, stdin: true }, options);
  }

  /** Forgets a process that has ended; the first process's task ends with it. */
  async delete(options: CallOptions = {}): Promise<Exit> {
    const { containerId } = this;
    const { exitStatus, exitedAt } =
      this.execId === ''
        ? await this.#tasks.Delete({ containerId }, options)
        : await this.#tasks.DeleteProcess(this.#ids, options);
    return { status: exitStatus, exitedAt };
  }

  get #tasks() {
    return this.#client.service('containerd.services.tasks.v1.Tasks');
  }

  get #ids() {
    return { containerId: this.containerId, execId: this.execId };
  }

  /** Asks until there is a daemon again that knows the process. @throws `outage` if that takes too long */
  async #outlast(outage: unknown, options: CallOptions) {
    const endsAtMs = Date.now() + outageMaxMs;
    for (;;) {
      await pause(outagePauseMs, options);
      try {
        return (await this.#tasks.Get(this.#ids, options)).process;
      } catch (error) {
        if (!isOutage(error, options)) throw error;
        if (Date.now() > endsAtMs) throw outage;
      }
    }
  }
}

async function pause(timeMs: number, { signal }: CallOptions): Promise<void> {
  await sleep(timeMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
}

/** A daemon that shuts down in order cancels the calls that it has not answered. */
function isOutage(error: unknown, { signal }: CallOptions): boolean {
  return isKind(error, 'unavailable') || (isKind(error, 'canceled') && !signal?.aborted);
}
