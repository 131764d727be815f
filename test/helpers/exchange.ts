import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** What a request is about. */
export type RequestKind = 'ping' | 'token' | 'manifest' | 'blob' | 'upload' | 'tags' | 'other';

/** What a faulty registry remembers of a request. */
export interface Served {
  readonly kind: RequestKind;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly repository: string;
  /** Tag or digest of a manifest, digest of a blob. */
  readonly name: string;
  readonly headers: IncomingMessage['headers'];
  /** 0 as long as nothing was answered. */
  status: number;
  /** Bytes of the body that were handed to the kernel. */
  bodyBytes: number;
}

/** One request and its answer, as scripted faults see it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly served: Served;
  /** What there is under that name; a fault may put something else here. */
  content: { readonly bytes: Buffer; readonly mediaType: string } | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.served = {
      ...parsePath(request.url ?? ''),
      method: request.method ?? '',
      headers: request.headers,
      status: 0,
      bodyBytes: 0,
    };
  }

  /** Sends the header. */
  head(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.served.status = status;
    this.response.writeHead(status, headers);
  }

  /** Sends a part of the body; false when the client has gone. */
  async send(bytes: Buffer): Promise<boolean> {
    if (this.response.destroyed) return false;
    this.served.bodyBytes += bytes.length;
    if (!this.response.write(bytes)) await drained(this.response);
    return !this.response.destroyed;
  }

  /** Answers whole. */
  async answer(status: number, body: Buffer | string = '', headers: OutgoingHttpHeaders = {}): Promise<void> {
    const bytes = Buffer.from(body);
    this.head(status, { 'content-length': bytes.length, ...headers });
    if (this.served.method !== 'HEAD' && bytes.length > 0) await this.send(bytes);
    this.response.end();
  }

  /** Answers with an error as the distribution spec words it. */
  async refuse(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}): Promise<void> {
    const body = JSON.stringify({ errors: [{ code, message, detail: {} }] });
    await this.answer(status, body, { 'content-type': 'application/json', ...headers });
  }

  /** Breaks the connection once what was sent has left. */
  async cut(): Promise<void> {
    const { socket } = this.response;
    if (socket === null || socket.destroyed) return;
    if (socket.writableLength > 0) await drained(socket);
    socket.destroy();
  }
}

function parsePath(path: string): Pick<Served, 'kind' | 'path' | 'repository' | 'name'> {
  const plain = path.replace(/\?.*/, '');
  const [, repository = '', collection = '', name = ''] =
    /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags)\/(.*)$/.exec(plain) ?? [];
  const kinds: Readonly<Record<string, RequestKind>> = {
    manifests: 'manifest',
    blobs: 'blob',
    'blobs/uploads': 'upload',
    tags: 'tags',
  };
  const kind = kinds[collection] ?? (plain === '/v2/' ? 'ping' : plain === '/token' ? 'token' : 'other');
  return { kind, path, repository, name };
}

/** Waits until more can be written, or nobody is there to read it. */
async function drained(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of ['drain', 'close']) stream.once(event, resolve);
  await promise;
  for (const event of ['drain', 'close']) stream.off(event, resolve);
}
