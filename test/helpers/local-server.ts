import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.ts';

/** What was asked of a server. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Read to its end before the handler is called. */
  readonly body: Buffer;
}

/** Answers a request, as the test wants it. */
export type Answer = (asked: Asked, response: ServerResponse, count: number) => void;

/** An HTTP server on a free port of loopback that remembers what it was asked. */
export class LocalServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly host: string;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.url = `${scheme}://${this.host}`;
  }

  /** Starts it; `answer` is called with how many requests there were before. */
  static async start(answer: Answer, tls?: Certificate & ServerOptions): Promise<LocalServer> {
    const server =
      tls === undefined
        ? createServer()
        : createTlsServer({ ...tls, cert: readFileSync(tls.certificatePath), key: readFileSync(tls.keyPath) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const local = new LocalServer(server, tls === undefined ? 'http' : 'https');
    server.on('request', (request, response) => void local.#handle(request, response, answer));
    return local;
  }

  async #handle(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    await once(request, 'end');
    const { method = '', url = '', headers } = request;
    const asked = { method, url, headers, body: Buffer.concat(chunks) };
    this.asked.push(asked);
    answer(asked, response, this.asked.length - 1);
  }

  /** Methods and paths of what was asked, in order. */
  get lines(): string[] {
    return this.asked.map(({ method, url }) => `${method} ${url}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}

/** Answers with a status and JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
