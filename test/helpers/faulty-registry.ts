import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.ts';
import { Exchange, type Served } from './exchange.ts';
import { type OciImage, sha256 } from './oci-image.ts';
import { TokenIssuer, type TokenOptions } from './token-issuer.ts';
import { type Contents, Uploads } from './uploads.ts';

/** Does something to a request instead of what would be right, or returns false to leave it to the next fault. */
export type Fault = (exchange: Exchange) => Promise<void> | false;

/** What a faulty registry starts with. */
export interface FaultyRegistryOptions {
  readonly tls?: Certificate;
  /** With TLS: serves nobody without a certificate of that authority. */
  readonly clientsOf?: Certificate;
  /** An address of loopback, so that another is another host; default 127.0.0.1. */
  readonly address?: string;
  /** Whether parts of blobs can be asked for; default true. */
  readonly ranges?: boolean;
  /** Asks for tokens, which it issues itself. */
  readonly tokens?: TokenOptions;
}

/** What a fault is for: requests of that kind, and of that name where one is given. */
export interface Target {
  readonly kind: Served['kind'];
  readonly name?: string;
}

/**
 * A registry that serves images from memory and does what a script says: the right thing, unless a fault is set for a
 * request. It remembers every request. Takes pushes too.
 */
export class FaultyRegistry implements AsyncDisposable {
  readonly host: string;
  readonly url: string;
  /** Every request so far, in order of arrival. */
  readonly requests: Served[] = [];
  /** Issues tokens and knows those that were issued; undefined if none are asked for. */
  readonly tokens: TokenIssuer | undefined;
  readonly #server: Server;
  readonly #options: FaultyRegistryOptions;
  readonly #faults: { readonly target: Target; readonly fault: Fault }[] = [];
  readonly #content: Contents = new Map();
  readonly #uploads = new Uploads(this.#content);

  private constructor(server: Server, options: FaultyRegistryOptions) {
    const { port, address } = server.address() as AddressInfo;
    this.#server = server;
    this.#options = options;
    this.host = `${address}:${port}`;
    this.url = `${options.tls === undefined ? 'http' : 'https'}://${this.host}`;
    this.tokens = options.tokens && new TokenIssuer(`${this.url}/token`, options.tokens);
    server.on('request', (request, response) => {
      // A client that goes in the middle of its request is one of the faults.
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: FaultyRegistryOptions = {}): Promise<FaultyRegistry> {
    const server = createServer(options);
    server.listen(0, options.address ?? '127.0.0.1');
    await once(server, 'listening');
    return new FaultyRegistry(server, options);
  }

  /** Puts an image into a repository under a tag; returns its reference. */
  add(repository: string, tag: string, image: OciImage): string {
    for (const [digest, bytes] of image.blobs) {
      const mediaType = digest === image.root.digest ? image.root.mediaType : mediaTypeOf(bytes);
      this.#content.set(`${repository}/${digest}`, { bytes, mediaType });
    }
    const bytes = image.blobs.get(image.root.digest) as Buffer;
    this.#content.set(`${repository}/${tag}`, { bytes, mediaType: image.root.mediaType });
    return `${this.host}/${repository}:${tag}`;
  }

  /** What is there under a tag or digest, pushed or added. */
  find(repository: string, name: string): Buffer | undefined {
    return this.#content.get(`${repository}/${name}`)?.bytes;
  }

  /** Sets a fault; of several for one request the latest is asked first. */
  on(target: Target | Served['kind'], fault: Fault): void {
    this.#faults.unshift({ target: typeof target === 'string' ? { kind: target } : target, fault });
  }

  /** From now on there is nothing in it. */
  empty(): void {
    this.#content.clear();
  }

  /** From now on everything is right again. */
  heal(): void {
    this.#faults.length = 0;
  }

  /** Bytes of bodies that were sent of blobs and manifests with that name, or of all blobs, since a request number. */
  bytesSent(name?: string, since = 0): number {
    return this.requests
      .slice(since)
      .filter((served) => (name === undefined ? served.kind === 'blob' : served.name === name))
      .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  }

  /** Closes it with all connections. Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response);
    const { served } = exchange;
    this.requests.push(served);
    exchange.content = this.#content.get(`${served.repository}/${served.name}`);
    for (const { target, fault } of this.#faults) {
      if (target.kind !== served.kind || (target.name !== undefined && target.name !== served.name)) continue;
      const done = fault(exchange);
      if (done !== false) return done;
    }
    await this.#serve(exchange);
  }

  async #serve(exchange: Exchange): Promise<void> {
    const { kind, method, repository } = exchange.served;
    if (kind === 'token') return this.tokens?.issue(exchange) ?? exchange.answer(404);
    if (this.tokens && !this.tokens.accepts(exchange.served)) return this.tokens.challenge(exchange);
    if (kind === 'ping') return exchange.answer(200, '{}');
    if (kind === 'upload' || method === 'PUT') return this.#uploads.take(exchange);
    if (kind === 'tags')
      return exchange.answer(200, JSON.stringify({ name: repository, tags: this.#tagsOf(repository) }));
    await serveContent(exchange, this.#options.ranges ?? true);
  }

  #tagsOf(repository: string): string[] {
    const names = [...this.#content.keys()].filter((key) => key.startsWith(`${repository}/`));
    return names.map((key) => key.slice(repository.length + 1)).filter((name) => !name.includes(':'));
  }
}

function createServer({ tls, clientsOf }: FaultyRegistryOptions): Server {
  if (tls === undefined) return createPlainServer();
  const known = { cert: readFileSync(tls.certificatePath), key: readFileSync(tls.keyPath) };
  if (clientsOf === undefined) return createTlsServer(known);
  return createTlsServer({ ...known, ca: readFileSync(clientsOf.certificatePath), requestCert: true });
}

/** What a registry is to do with a request for a manifest or blob. */
export async function serveContent(exchange: Exchange, ranges: boolean): Promise<void> {
  const { content, served } = exchange;
  if (content === undefined)
    return exchange.refuse(404, `${served.kind.toUpperCase()}_UNKNOWN`, `${served.kind} unknown`);
  const { bytes, mediaType } = content;
  const isBlob = served.kind === 'blob';
  const headers = {
    'content-type': isBlob ? 'application/octet-stream' : mediaType,
    'docker-content-digest': isBlob ? served.name : sha256(bytes),
    ...(ranges && isBlob && { 'accept-ranges': 'bytes' }),
  };
  const range = ranges && isBlob ? /^bytes=(\d+)-(\d*)$/.exec(served.headers.range ?? '') : null;
  if (range === null)
    return exchange.answer(200, served.method === 'HEAD' ? '' : bytes, { ...headers, 'content-length': bytes.length });
  const [start, end] = [Number(range[1]), range[2] === '' ? bytes.length : Number(range[2]) + 1];
  if (start >= bytes.length) return exchange.answer(416, '', { 'content-range': `bytes */${bytes.length}` });
  const part = bytes.subarray(start, end);
  const contentRange = `bytes ${start}-${start + part.length - 1}/${bytes.length}`;
  await exchange.answer(206, part, { ...headers, 'content-range': contentRange });
}

/** What a JSON document says it is. */
function mediaTypeOf(bytes: Buffer): string {
  if (bytes[0] !== 0x7b || bytes.length > 1 << 20) return 'application/octet-stream';
  return /^\{"schemaVersion":2,"mediaType":"([^"]+)"/.exec(bytes.toString())?.[1] ?? 'application/octet-stream';
}
