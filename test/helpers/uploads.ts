import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Exchange } from './exchange.ts';
import { sha256 } from './oci-image.ts';

/** What is there under a repository and a tag or digest, joined by a slash. */
export type Contents = Map<string, Content>;

interface Content {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Takes what is pushed to a registry. */
export class Uploads {
  readonly #content: Contents;
  readonly #begun = new Map<string, Buffer[]>();

  constructor(content: Contents) {
    this.#content = content;
  }

  /** Answers a request of a push. */
  async take(exchange: Exchange): Promise<void> {
    const { kind, method } = exchange.served;
    if (kind === 'manifest') return this.#takeManifest(exchange);
    if (method === 'POST') return this.#begin(exchange);
    const parts = this.#begun.get(exchange.served.name);
    if (parts === undefined) return exchange.refuse(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    const part = await buffer(exchange.request);
    const start = /^(?:bytes )?(\d+)-/.exec(exchange.served.headers['content-range'] ?? '')?.[1];
    const have = Buffer.concat(parts).length;
    if (start !== undefined && Number(start) !== have) return exchange.answer(416, '', progress(exchange, have));
    parts.push(part);
    if (method === 'PATCH') return exchange.answer(202, '', progress(exchange, have + part.length));
    await this.#complete(exchange, Buffer.concat(parts));
  }

  async #begin(exchange: Exchange): Promise<void> {
    const { repository, path } = exchange.served;
    const query = new URL(path, 'http://x').searchParams;
    const mounted = this.#content.get(`${query.get('from')}/${query.get('mount')}`);
    if (mounted !== undefined) {
      this.#content.set(`${repository}/${query.get('mount')}`, mounted);
      return exchange.answer(201, '', { location: `/v2/${repository}/blobs/${query.get('mount')}` });
    }
    const id = randomUUID();
    this.#begun.set(id, []);
    await exchange.answer(202, '', { location: `/v2/${repository}/blobs/uploads/${id}`, range: '0-0' });
  }

  async #complete(exchange: Exchange, bytes: Buffer): Promise<void> {
    const { repository, path, name } = exchange.served;
    const digest = new URL(path, 'http://x').searchParams.get('digest') ?? '';
    this.#begun.delete(name);
    if (sha256(bytes) !== digest) return exchange.refuse(400, 'DIGEST_INVALID', 'provided digest did not match');
    this.#content.set(`${repository}/${digest}`, { bytes, mediaType: 'application/octet-stream' });
    await exchange.answer(201, '', { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest });
  }

  async #takeManifest(exchange: Exchange): Promise<void> {
    const { repository, name, headers } = exchange.served;
    const bytes = await buffer(exchange.request);
    const content = { bytes, mediaType: headers['content-type'] ?? '' };
    for (const key of [name, sha256(bytes)]) this.#content.set(`${repository}/${key}`, content);
    const location = `/v2/${repository}/manifests/${sha256(bytes)}`;
    await exchange.answer(201, '', { location, 'docker-content-digest': sha256(bytes) });
  }
}

function progress({ served }: Exchange, bytes: number) {
  return { location: served.path, range: `0-${Math.max(bytes - 1, 0)}` };
}
