import type { ProxyPlugin, ProxyPluginType } from '../config/config.ts';
import { ProxyConnection } from './connection.ts';

/** Connections to all parts of the daemon that run as processes of their own. */
export class ProxyConnections implements Disposable {
  readonly #connections: ReadonlyMap<ProxyPlugin, ProxyConnection>;

  constructor(plugins: readonly ProxyPlugin[]) {
    this.#connections = new Map(plugins.map((plugin) => [plugin, new ProxyConnection(plugin)]));
  }

  ofType(type: ProxyPluginType): ProxyConnection[] {
    return [...this.#connections].filter(([plugin]) => plugin.type === type).map(([, connection]) => connection);
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections.values()) connection[Symbol.dispose]();
  }
}
