import { setTimeout as sleep } from 'node:timers/promises';
import { isKind } from '../../base/errors.ts';
import type { Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

/** How long `wait` puts up with a daemon that does not answer, and how often it asks again. */
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

  /** Starts it and returns its process id on the host. */
  async start(options: CallOptions = {}): Promise<number> {
    const { pid } = await this.#tasks.Start(this.#ids, options);
    return pid;
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
    let outageEndsAtMs: number | undefined;
    for (;;) {
      try {
        const { exitStatus, exitedAt } = await this.#tasks.Wait(this.#ids, options);
        return { status: exitStatus, exitedAt };
      } catch (error) {
        if (!isOutage(error, options)) throw error;
        outageEndsAtMs ??= Date.now() + outageMaxMs;
        if (Date.now() > outageEndsAtMs) throw error;
        await sleep(outagePauseMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
        if (await this.#answers(options)) outageEndsAtMs = undefined;
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

  async #answers(options: CallOptions): Promise<boolean> {
    return this.status(options).then(
      () => true,
      (error: unknown) => !isOutage(error, options),
    );
  }
}

/** A daemon that shuts down in order cancels the calls that it has not answered. */
function isOutage(error: unknown, { signal }: CallOptions): boolean {
  return isKind(error, 'unavailable') || (isKind(error, 'canceled') && !signal?.aborted);
}
