/** Serves typed services over ttrpc: the same handlers as on gRPC, unary RPCs only. */
import { createServer, type Server, type Socket } from 'node:net';
import type { ReportError } from '../proto/call-context.ts';
import type { ServiceHandlers } from '../proto/handler.ts';
import { Connection } from './connection.ts';

/** How to serve. */
export interface TtrpcServerOptions {
  /** Hears of every exception that is not a GantryError, and of internal ones, once. */
  readonly report: ReportError;
  /** Says whether a peer may talk to us, by its credentials; without it everybody who can connect may. */
  readonly authorize?: (socket: Socket) => boolean;
}

/** A ttrpc server. Closing it drops its connections; their calls are told by their signals. */
export class TtrpcServer {
  readonly #services: ReadonlyMap<string, ServiceHandlers>;
  readonly #options: TtrpcServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #listener: Server;

  constructor(services: readonly ServiceHandlers[], options: TtrpcServerOptions) {
    this.#services = new Map(services.map((service) => [service.name, service]));
    this.#options = options;
    this.#listener = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a Unix socket, whose mode is the caller's business. Throws the system's error, as when it is in use. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(path, () => {
        this.#listener.off('error', reject);
        this.#listener.on('error', (error) => this.#options.report(error, 'accept')); // such as too many open files
        resolve();
      });
    });
  }

  /** Stops listening and drops all connections. */
  async close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    if (this.#options.authorize?.(socket) === false) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#services, this.#options.report);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }
}
