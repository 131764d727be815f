import { notFound } from '../../base/errors.ts';
import { abortable } from '../../base/signals.ts';
import type { Init } from '../../proto/codec.ts';
import type { Bootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import type { Lifeline } from './lifeline.ts';
import {
  isConnectionClosed,
  type ShimCallOptions,
  type ShimConnection,
  type StreamsMethods,
  type TaskMethods,
} from './shim-connection.ts';
import type { ShimLog } from './shim-log.ts';

/** Requests that change nothing, or nothing more when they are made twice. */
const repeatable: ReadonlySet<keyof TaskMethods> = new Set([
  'State',
  'Wait',
  'Pids',
  'Stats',
  'Connect',
  'CloseIO',
  'ResizePty',
  'Update',
  'Delete',
] as const);

/** What a task is made of. */
export interface TaskParts {
  readonly bundle: Bundle;
  /** The executable that started the shim and cleans up after it. */
  readonly shimPath: string;
  /** How the shim was reached, to be kept in the bundle. */
  readonly bootstrap: Bootstrap;
  readonly connection: ShimConnection;
  readonly log: ShimLog | undefined;
  /** It lives in the shim of a sandbox, which is not its own to end. */
  readonly isMember: boolean;
}

/**
 * One container's processes, as their shim keeps them. The shim knows the state; here is only how to ask it, and what is
 * left to know once it cannot be asked any more.
 *
 * A task is `made` once its shim has answered Create, `leaving` while it is deleted, and `lost` once its shim is gone
 * without having been told to go.
 */
export class Task {
  readonly bundle: Bundle;
  readonly shimPath: string;
  readonly bootstrap: Bootstrap;
  /** Whether the shim is a sandbox's. */
  readonly isMember: boolean;
  #connection: ShimConnection;
  #outage: PromiseWithResolvers<void> | undefined;
  #lifeline: Lifeline | undefined;
  #exit: Exit | undefined;
  readonly #log: ShimLog | undefined;
  readonly #waits = new Map<string, Promise<Exit>>();
  readonly #lost = Promise.withResolvers<Exit>();
  /** Process id of the container's first process, 0 while not known. */
  pid = 0;
  phase: 'making' | 'made' | 'leaving' | 'lost' = 'making';

  constructor(parts: TaskParts) {
    this.bundle = parts.bundle;
    this.shimPath = parts.shimPath;
    this.bootstrap = parts.bootstrap;
    this.isMember = parts.isMember;
    this.#connection = parts.connection;
    this.#log = parts.log;
  }

  get namespace(): string {
    return this.bundle.namespace;
  }

  get id(): string {
    return this.bundle.id;
  }

  /** How the first process ended, once its exit has been told. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  set exit(exit: Exit) {
    this.#exit = exit;
    this.#lifeline?.dropClient();
  }

  /** What the daemon holds in case the shim dies. */
  get lifeline(): Lifeline | undefined {
    return this.#lifeline;
  }

  set lifeline(lifeline: Lifeline | undefined) {
    this.#lifeline?.[Symbol.dispose]();
    this.#lifeline = lifeline;
    if (this.#exit !== undefined) lifeline?.dropClient();
  }

  /** Resolves when the connection to the shim has ended, for whatever reason. */
  get disconnected(): Promise<void> {
    return this.#connection.closed;
  }

  /** Resolves with how the task ended when its shim is lost and all traces of the task are gone. */
  get lost(): Promise<Exit> {
    return this.#lost.promise;
  }

  /**
   * One request to the shim. `timeoutMs` bounds the answer, 0 means as long as `signal` allows. While the shim is being
   * reached again, or another one takes its place, requests wait; one that was under way then is made again if that can
   * do no harm.
   */
  async call<Method extends keyof TaskMethods>(
    method: Method,
    request: Init<TaskMethods[Method]['request']>,
    options: { signal?: AbortSignal | undefined; timeoutMs?: number; deadlineAtMs?: number | undefined } = {},
  ): Promise<TaskMethods[Method]['response']> {
    if (method === 'CloseIO' && (request as { execId?: string }).execId === '') this.#lifeline?.dropInput();
    for (;;) {
      if (this.#outage !== undefined) await abortable(this.#outage.promise, options.signal);
      const connection = this.#connection;
      try {
        return await connection.call(method, request, bounded(options));
      } catch (error) {
        if (!isConnectionClosed(error) || this.phase !== 'made' || !repeatable.has(method)) throw error;
        if (connection === this.#connection) this.beginOutage();
      }
    }
  }

  /** One request about the log of a process; waits as `call` does, and fails if the shim dies meanwhile. */
  async streams<Method extends keyof StreamsMethods>(
    method: Method,
    request: Init<StreamsMethods[Method]['request']>,
    options: ShimCallOptions,
  ): Promise<StreamsMethods[Method]['response']> {
    if (this.#outage !== undefined) await abortable(this.#outage.promise, options.signal);
    return this.#connection.streams(method, request, options);
  }

  /** Lets requests wait until `reconnect`, or until the task is let go of. */
  beginOutage(): void {
    this.#outage ??= Promise.withResolvers();
  }

  /** Lets requests that wait find out for themselves. */
  endOutage(): void {
    this.#outage?.resolve();
    this.#outage = undefined;
  }

  /** From now on the shim is reached by that connection. */
  reconnect(connection: ShimConnection): void {
    this.#connection = connection;
    this.endOutage();
  }

  /** Ends the connection to a shim that is known to be dead. */
  disconnect(): void {
    this.#connection.close();
  }

  /** The state of a process. @throws GantryError not-found if the shim does not know it or is gone */
  async state(
    execId: string,
    options: { signal?: AbortSignal | undefined; timeoutMs: number },
  ): Promise<TaskMethods['State']['response']> {
    try {
      const state = await this.call('State', { id: this.id, execId }, options);
      // A shim that was slow to answer when the daemon started tells it now.
      if (execId === '' && this.pid === 0) this.pid = state.pid;
      return state;
    } catch (error) {
      if (isConnectionClosed(error)) throw notFound(`task ${this.id} not found`);
      throw error;
    }
  }

  /**
   * How a process ends, as soon as it does. All who wait for the same process share one request to the shim; one who
   * gives up only stops listening. A lost shim ends the wait for the first process with what the clean-up found out.
   */
  wait(execId: string, signal: AbortSignal): Promise<Exit> {
    if (execId === '' && this.exit !== undefined) return Promise.resolve(this.exit);
    let pending = this.#waits.get(execId);
    if (pending === undefined) {
      pending = this.#waitForShim(execId).finally(() => this.#waits.delete(execId));
      pending.catch(() => undefined);
      this.#waits.set(execId, pending);
    }
    return abortable(pending, signal);
  }

  /** All is cleaned up after a lost shim. */
  settleLost(exit: Exit): void {
    this.#lost.resolve(exit);
  }

  /** Lets go of the shim, which lives on. */
  [Symbol.dispose](): void {
    this.#connection.close();
    this.lifeline = undefined;
    this.endOutage();
    this.#log?.[Symbol.dispose]();
  }

  async #waitForShim(execId: string): Promise<Exit> {
    try {
      const { exitStatus, exitedAt } = await this.call('Wait', { id: this.id, execId });
      if (execId === '') this.#lifeline?.dropClient();
      return { pid: this.pid, exitStatus, exitedAt: exitedAt ?? { seconds: 0, nanos: 0 } };
    } catch (error) {
      if (execId !== '' || this.phase === 'leaving' || !isConnectionClosed(error)) throw error;
      return this.#lost.promise;
    }
  }
}

/** The shim is told how long its caller waits, so that it does not let a hanging runtime hold the container for longer. */
function bounded(options: { signal?: AbortSignal | undefined; timeoutMs?: number; deadlineAtMs?: number | undefined }) {
  const { deadlineAtMs, timeoutMs, signal } = options;
  if (timeoutMs !== undefined || deadlineAtMs === undefined) return options;
  return { signal, timeoutMs: Math.max(deadlineAtMs - Date.now(), 1) };
}
