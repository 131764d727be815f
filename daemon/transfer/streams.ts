import { alreadyExists, failedPrecondition, GantryError, invalidArgument, notFound } from '../../base/errors.ts';
import type { Any } from '../../proto/any.ts';
import type { Context } from '../context.ts';
import { Stream } from './stream.ts';

interface Entry {
  readonly stream: Stream;
  readonly leaseId: string | undefined;
  isClaimed: boolean;
}

/** Open streams a namespace can have: each is a call of its client, with buffers in the kernel and here. */
const maxPerNamespace = 1_024;
const maxNameLength = 1_024;

/**
 * The streams that clients have opened, by namespace and name, until another call asks for them. A *claimed* stream belongs
 * to that call. A stream opened under a lease ends with it.
 */
export class Streams {
  /** By namespace, then by name. */
  readonly #namespaces = new Map<string, Map<string, Entry>>();

  /**
   * Makes a stream known by its name until `close` is called.
   * @throws GantryError already-exists; resource-exhausted for too many
   */
  open(ctx: Context, name: string, incoming: AsyncIterator<Any, unknown>): { stream: Stream } & Disposable {
    if (name === '' || name.length > maxNameLength) throw invalidArgument(`stream id "${name.slice(0, 64)}"`);
    const streams = this.#namespaces.get(ctx.namespace) ?? new Map<string, Entry>();
    if (streams.has(name)) throw alreadyExists(`stream "${name}"`);
    if (streams.size >= maxPerNamespace) {
      throw new GantryError('resource-exhausted', `namespace ${ctx.namespace} has ${maxPerNamespace} open streams`);
    }
    const stream = new Stream(name, incoming);
    this.#namespaces.set(ctx.namespace, streams.set(name, { stream, leaseId: ctx.leaseId, isClaimed: false }));
    const close = () => {
      streams.delete(name);
      if (streams.size === 0) this.#namespaces.delete(ctx.namespace);
    };
    return { stream, [Symbol.dispose]: close };
  }

  /**
   * Takes a stream for the caller alone, who has to end it.
   * @throws GantryError not-found; failed-precondition if somebody has it
   */
  claim(ctx: Context, name: string): Stream {
    const entry = this.#namespaces.get(ctx.namespace)?.get(name);
    if (entry === undefined) throw notFound(`stream "${name}"`);
    if (entry.isClaimed) throw failedPrecondition(`stream "${name}" is in use`);
    entry.isClaimed = true;
    return entry.stream;
  }

  /** Ends the streams that were opened under a lease that is no more. */
  endOfLease(namespace: string, leaseId: string): void {
    for (const entry of this.#namespaces.get(namespace)?.values() ?? []) {
      if (entry.leaseId === leaseId) void entry.stream.end();
    }
  }

  /** How many there are, for tests and logs. */
  get count(): number {
    return [...this.#namespaces.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
