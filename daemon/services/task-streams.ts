import type { Messages } from '../../proto/codec.ts';
import type { Context } from '../context.ts';
import type { Task } from '../runtime/task.ts';

type StreamsRequest = Messages['gantry.shim.v1.StreamsRequest'];

/** Opening a file and counting take a shim no time; a disk may. */
const timeoutMs = 10_000;

/** What the service needs. */
export interface TaskStreamsDeps {
  readonly manager: {
    /** @throws GantryError not-found */
    get(namespace: string, id: string): Task;
  };
}

/**
 * gantry.shim.v1.Streams for the processes of all shims: each request goes to the shim of its container. One that is not
 * Gantry's answers "unimplemented".
 */
export class TaskStreamsService {
  readonly #manager: TaskStreamsDeps['manager'];

  constructor({ manager }: TaskStreamsDeps) {
    this.#manager = manager;
  }

  async reopenLog(ctx: Context, request: StreamsRequest): Promise<object> {
    await this.#task(ctx, request).streams('ReopenLog', request, { signal: ctx.signal, timeoutMs });
    return {};
  }

  async stat(ctx: Context, request: StreamsRequest): Promise<Messages['gantry.shim.v1.StatResponse']> {
    return this.#task(ctx, request).streams('Stat', request, { signal: ctx.signal, timeoutMs });
  }

  #task(ctx: Context, { containerId }: StreamsRequest): Task {
    return this.#manager.get(ctx.namespace, containerId);
  }
}
