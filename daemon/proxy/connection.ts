import { GantryError, isKind } from '../../base/errors.ts';
import { type Client, connect, type ServiceClient } from '../../client/client.ts';
import type { ServiceName } from '../../proto/codec.ts';

/**
 * The connection to a part of the daemon that runs as a process of its own. It is opened at the first call and again after
 * it broke: the process may start later than the daemon and come and go.
 */
export class ProxyConnection implements Disposable {
  readonly address: string;
  /** Name of the plugin in the configuration. */
  readonly name: string;
  readonly #client: Client;
  /** Clients over the one connection by the namespace they name. */
  readonly #clients = new Map<string, Client>();

  constructor(options: { readonly name: string; readonly address: string }) {
    this.name = options.name;
    this.address = options.address;
    this.#client = connect({ address: options.address });
  }

  /** The RPCs of a service, called in a namespace or, as some plugins do not know namespaces, in none. */
  service<Name extends ServiceName>(service: Name, namespace = ''): ServiceClient<Name> {
    let client = namespace === '' ? this.#client : this.#clients.get(namespace);
    if (client === undefined) {
      client = this.#client.with({ namespace });
      this.#clients.set(namespace, client);
    }
    return client.service(service);
  }

  /** Awaits an answer. @throws GantryError unavailable that names the plugin if nobody answers */
  async answer<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** What the plugin said, or that it cannot be reached. */
  explained(error: unknown): unknown {
    if (!isKind(error, 'unavailable')) return error;
    // Only the transport's errors have one of ours as their cause: the plugin's own come as they are.
    const what = isKind(error.cause, 'unavailable') ? 'cannot be reached' : error.message;
    return new GantryError('unavailable', `proxy plugin "${this.name}" at ${this.address}: ${what}`, { cause: error });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
