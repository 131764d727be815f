import type { Clock } from '../../base/clock.ts';
import { invalidArgument, isKind, notFound, wrap } from '../../base/errors.ts';
import type { Messages } from '../../proto/codec.ts';
import type { Sandbox } from '../../proto/gen/api/types/sandbox.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import { endpointOf } from '../runtime/sandbox-member.ts';
import type { SandboxShims } from '../runtime/sandbox-shims.ts';
import type { SandboxMethods } from '../runtime/shim-connection.ts';

type Of<Prefix extends string> = {
  readonly [Name in keyof Messages as Name extends `containerd.services.sandbox.v1.Controller${infer Short}`
    ? `${Short}` extends `${infer Method}${Prefix}`
      ? Method
      : never
    : never]: Messages[Name];
};
type Requests = Of<'Request'>;
type Responses = Of<'Response'>;

/** The one controller: sandboxes are made by shims that implement containerd.runtime.sandbox.v1.Sandbox. */
const controllerName = 'shim';
/** Time for a shim whose sandbox could not be made to end it. */
const cleanUpTimeoutMs = 5_000;

export interface SandboxControllerDeps {
  readonly shims: SandboxShims;
  readonly store: { get(ctx: Context, id: string): Promise<Sandbox> };
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** The rules of containerd.services.sandbox.v1.Controller: sandboxes that run, each owned by a shim. */
export class SandboxController {
  readonly #shims: SandboxShims;
  readonly #store: SandboxControllerDeps['store'];
  readonly #events: EventPublisher;
  readonly #clock: Clock;

  constructor(deps: SandboxControllerDeps) {
    this.#shims = deps.shims;
    this.#store = deps.store;
    this.#events = deps.events;
    this.#clock = deps.clock;
  }

  /** Starts the sandbox's shim and lets it prepare the sandbox. A request of containerd 1.7 leaves it to the store to tell what. */
  async create(ctx: Context, request: Requests['Create']): Promise<Responses['Create']> {
    requireController(request.sandboxer);
    const { sandboxId, rootfs, options, netnsPath, annotations } = request;
    const { runtime, spec } = request.sandbox ?? (await this.#store.get(ctx, sandboxId));
    const start = {
      id: sandboxId,
      runtime: runtime?.name ?? '',
      options: runtime?.options ?? null,
      spec: spec?.value ?? new Uint8Array(),
    };
    await this.#shims.start(ctx, start, async ({ connection, bundle }) => {
      const create = { sandboxId, bundlePath: bundle.path, rootfs, options, netnsPath, annotations };
      try {
        await connection.sandbox('CreateSandbox', create, ctx);
      } catch (error) {
        await connection
          .sandbox('ShutdownSandbox', { sandboxId }, { timeoutMs: cleanUpTimeoutMs })
          .catch(() => undefined);
        throw wrap(error, `failed to create sandbox ${sandboxId}`);
      }
    });
    this.#events.publish(ctx.namespace, '/sandboxes/create', 'containerd.events.SandboxCreate', { sandboxId });
    return { sandboxId };
  }

  async start(ctx: Context, { sandboxId, sandboxer }: Requests['Start']): Promise<Responses['Start']> {
    requireController(sandboxer);
    const shim = this.#shims.get(ctx.namespace, sandboxId);
    const { bootstrap, connection } = shim;
    try {
      const { pid, createdAt, spec } = await connection.sandbox('StartSandbox', { sandboxId }, ctx);
      this.#events.publish(ctx.namespace, '/sandboxes/start', 'containerd.events.SandboxStart', { sandboxId });
      const { version } = bootstrap;
      return { sandboxId, pid, createdAt, labels: {}, address: endpointOf(bootstrap), version, spec };
    } catch (error) {
      await connection
        .sandbox('ShutdownSandbox', { sandboxId }, { timeoutMs: cleanUpTimeoutMs })
        .catch(() => undefined);
      await this.#shims.remove(shim);
      throw wrap(error, `failed to start sandbox ${sandboxId}`);
    }
  }

  async platform(ctx: Context, request: Requests['Platform']): Promise<Responses['Platform']> {
    return this.#ask(ctx, request, 'Platform', 'failed to get sandbox platform');
  }

  /** A sandbox that is gone has stopped. */
  async stop(ctx: Context, { sandboxId, sandboxer, timeoutSecs }: Requests['Stop']): Promise<void> {
    requireController(sandboxer);
    const shim = this.#shims.find(ctx.namespace, sandboxId);
    if (shim === undefined) return;
    try {
      await shim.connection.sandbox('StopSandbox', { sandboxId, timeoutSecs }, ctx);
    } catch (error) {
      if (!isKind(error, 'not-found') && !isKind(error, 'unavailable')) throw wrap(error, 'failed to stop sandbox');
    }
  }

  async wait(ctx: Context, request: Requests['Wait']): Promise<Responses['Wait']> {
    const { sandboxId } = request;
    const { exitStatus, exitedAt } = await this.#ask(
      ctx,
      request,
      'WaitSandbox',
      `failed to wait sandbox ${sandboxId}`,
    );
    const exit = { sandboxId, exitStatus, exitedAt };
    this.#events.publish(ctx.namespace, '/sandboxes/exit', 'containerd.events.SandboxExit', exit);
    return { exitStatus, exitedAt };
  }

  /** A sandbox that is gone has no state and has ended by now. */
  async status(ctx: Context, { sandboxId, sandboxer, verbose }: Requests['Status']): Promise<Responses['Status']> {
    requireController(sandboxer);
    const shim = this.#shims.find(ctx.namespace, sandboxId);
    if (shim === undefined) {
      const exitedAt = timestampFromNs(this.#clock.now());
      const gone = { pid: 0, state: '', info: {}, createdAt: null, extra: null, address: '', version: 0 };
      return { sandboxId, exitedAt, ...gone };
    }
    const status = await shim.connection
      .sandbox('SandboxStatus', { sandboxId, verbose }, ctx)
      .catch((error: unknown) => {
        throw wrap(error, `failed to query sandbox ${sandboxId} status`);
      });
    return { ...status, address: endpointOf(shim.bootstrap), version: shim.bootstrap.version };
  }

  /** Ends the sandbox and its shim. */
  async shutdown(ctx: Context, request: Requests['Shutdown']): Promise<void> {
    requireController(request.sandboxer);
    const shim = this.#shims.get(ctx.namespace, request.sandboxId);
    try {
      await shim.connection.sandbox('ShutdownSandbox', { sandboxId: request.sandboxId }, ctx);
    } catch (error) {
      // One that ends before its answer is sent has ended all the same.
      if (!isKind(error, 'unavailable')) throw wrap(error, 'failed to shutdown sandbox');
    }
    await this.#shims.remove(shim);
  }

  async metrics(ctx: Context, request: Requests['Metrics']): Promise<Responses['Metrics']> {
    return this.#ask(ctx, request, 'SandboxMetrics', 'failed to get sandbox metrics');
  }

  /** Shims have no request for it: what a sandbox is made of is the store's. */
  update(_ctx: Context, { sandboxer, sandbox }: Requests['Update']): void {
    requireController(sandboxer);
    if (sandbox === null) throw invalidArgument('sandbox can not be nil');
  }

  async #ask<Method extends keyof SandboxMethods>(
    ctx: Context,
    { sandboxId, sandboxer }: { sandboxId: string; sandboxer: string },
    method: Method,
    failure: string,
  ): Promise<SandboxMethods[Method]['response']> {
    requireController(sandboxer);
    const { connection } = this.#shims.get(ctx.namespace, sandboxId);
    try {
      return await connection.sandbox(method, { sandboxId } as never, ctx);
    } catch (error) {
      throw wrap(error, failure);
    }
  }
}

function requireController(name: string): void {
  if (name === '') throw invalidArgument('sandbox controller name can not be empty');
  if (name !== controllerName) throw notFound(`failed to get sandbox controller by ${name}`);
}
