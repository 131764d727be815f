import { GantryError, invalidArgument, isKind } from '../../base/errors.ts';
import type { Init, Messages, Services } from '../../proto/codec.ts';
import { connect, type TtrpcClient } from '../../ttrpc/client.ts';
import type { Bootstrap } from './bootstrap.ts';
import { GrpcShimClient } from './grpc-shim.ts';

/** The requests a shim takes; versions 2 and 3 of the task API have the same. */
export type TaskMethods = Services['containerd.task.v2.Task'];

/** What a shim has to know of a container to take it over. */
export type AdoptRequest = Messages['gantry.shim.v1.AdoptRequest'];

const services = { 2: 'containerd.task.v2.Task', 3: 'containerd.task.v3.Task' } as const;

/** How long one request may take; `timeoutMs` absent means as long as `signal` allows. */
export interface ShimCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** The requests of a shim that makes sandboxes. */
export type SandboxMethods = Services['containerd.runtime.sandbox.v1.Sandbox'];

/** The requests about logs that a shim of ours takes. */
export type StreamsMethods = Services['gantry.shim.v1.Streams'];

type ShimClient = Pick<TtrpcClient, 'call' | 'closed' | 'close'>;

/** One connection to a shim, over ttrpc or gRPC. */
export class ShimConnection {
  readonly #client: ShimClient;
  readonly #namespace: string;
  #version: 2 | 3;

  private constructor(client: ShimClient, namespace: string, version: 2 | 3) {
    this.#client = client;
    this.#namespace = namespace;
    this.#version = version;
  }

  /**
   * Connects to a shim.
   * @throws GantryError unavailable at once if nobody listens there, deadline-exceeded if nobody accepts in time
   */
  static async dial(bootstrap: Bootstrap, options: { namespace: string; timeoutMs: number }): Promise<ShimConnection> {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    try {
      const path = socketPath(bootstrap.address);
      const signal = { signal: timeout };
      const client = await (bootstrap.protocol === 'grpc'
        ? GrpcShimClient.connect(path, signal)
        : connect(path, signal));
      return new ShimConnection(client, options.namespace, bootstrap.version >= 3 ? 3 : 2);
    } catch (error) {
      if (!timeout.aborted) throw error;
      const text = `shim at ${bootstrap.address} did not accept within ${options.timeoutMs} ms`;
      throw new GantryError('deadline-exceeded', text, { cause: error });
    }
  }

  /** Resolves when the connection has ended, whoever ended it. */
  get closed(): Promise<void> {
    return this.#client.closed;
  }

  /**
   * Makes one request. A shim that claims version 3 but was started before its executable was upgraded knows only
   * version 2, and says so at the first request.
   */
  async call<Method extends keyof TaskMethods>(
    method: Method,
    request: Init<TaskMethods[Method]['request']>,
    options: ShimCallOptions,
  ): Promise<TaskMethods[Method]['response']> {
    try {
      return await this.#callVersion(this.#version, method, request, options);
    } catch (error) {
      if (this.#version === 2 || !isKind(error, 'unimplemented')) throw error;
    }
    const response = await this.#callVersion(2, method, request, options);
    this.#version = 2;
    return response;
  }

  /** Makes one request about the sandbox that the shim owns. */
  async sandbox<Method extends keyof SandboxMethods>(
    method: Method,
    request: Init<SandboxMethods[Method]['request']>,
    options: ShimCallOptions = {},
  ): Promise<SandboxMethods[Method]['response']> {
    const call = { ...options, namespace: this.#namespace };
    return this.#client.call('containerd.runtime.sandbox.v1.Sandbox', method, request as never, call) as never;
  }

  /** Makes one request about the log of a process. @throws GantryError unimplemented if the shim is not ours */
  async streams<Method extends keyof StreamsMethods>(
    method: Method,
    request: Init<StreamsMethods[Method]['request']>,
    options: ShimCallOptions,
  ): Promise<StreamsMethods[Method]['response']> {
    const call = { ...options, namespace: this.#namespace };
    return this.#client.call('gantry.shim.v1.Streams', method, request as never, call) as never;
  }

  /** Lets a shim of ours take over the container of one that is dead. */
  async adopt(request: Init<AdoptRequest>, options: ShimCallOptions): Promise<void> {
    const namespace = this.#namespace;
    await this.#client.call('gantry.shim.v1.Shim', 'Adopt', request, { ...options, namespace });
  }

  /** Ends the connection; the shim lives on. */
  close(): void {
    this.#client.close();
  }

  #callVersion<Method extends keyof TaskMethods>(
    version: 2 | 3,
    method: Method,
    request: Init<TaskMethods[Method]['request']>,
    options: ShimCallOptions,
  ): Promise<TaskMethods[Method]['response']> {
    // The two services have the same messages under two names, which only the compiler takes for different.
    const service = services[version] as (typeof services)[2];
    const namespace = this.#namespace;
    return this.#client.call<typeof service, Method>(service, method, request as never, {
      ...options,
      namespace,
    }) as never;
  }
}

/** Whether a request failed because its connection ended: the shim is gone, or we have let go of it. */
export function isConnectionClosed(error: unknown): boolean {
  return isKind(error, 'unavailable') && error.message === 'ttrpc: closed';
}

/**
 * Whether a failed dial proves that there is no shim any more: nothing is left of its socket, or nobody listens there.
 * A shim that is too busy to accept, or a daemon out of descriptors, proves nothing.
 */
export function isNobodyThere(error: unknown): boolean {
  if (!isKind(error, 'unavailable')) return false;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

/** The path of a shim's address; a bare name stands for an abstract socket. */
export function socketPath(address: string): string {
  if (address.startsWith('unix://')) return address.slice('unix://'.length);
  if (address.includes('://')) throw invalidArgument(`unsupported shim address ${address}`);
  return `\0${address}`;
}
