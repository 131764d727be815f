import { isDigest, parseDigest } from '../../base/digest.ts';
import { GantryError, invalidArgument, wrap } from '../../base/errors.ts';
import type {
  Info,
  ListContentResponse,
  ReadContentRequest,
  ReadContentResponse,
  Status,
  WriteContentRequest,
  WriteContentResponse,
} from '../../proto/gen/api/services/content/v1/content.ts';
import type { ContentReader, ContentWriter, WriterOptions } from '../content/content.ts';
import type { Context } from '../context.ts';
import { ContentUpload } from './content-upload.ts';

/** Blobs per message of a list. */
const listBatch = 100;

/** Content by namespace: `content/namespaced-content.ts`. */
export interface ContentMembers {
  info(ctx: Context, digest: string): Promise<Info>;
  update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info>;
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Info>;
  delete(ctx: Context, digest: string): Promise<void>;
  open(ctx: Context, digest: string): Promise<ContentReader>;
  status(ctx: Context, ref: string): Promise<Status>;
  statuses(ctx: Context, filters: readonly string[]): Promise<Status[]>;
  abort(ctx: Context, ref: string): Promise<void>;
  writer(ctx: Context, options: WriterOptions): Promise<ContentWriter>;
}

/** The rules of containerd.services.content.v1 that are about its messages; those about content lie below. */
export class ContentService {
  readonly #content: ContentMembers;

  constructor(deps: { readonly content: ContentMembers }) {
    this.#content = deps.content;
  }

  async info(ctx: Context, digest: string): Promise<Info> {
    return this.#content.info(ctx, valid(digest));
  }

  async update(ctx: Context, change: Info | null, paths: readonly string[]): Promise<Info> {
    if (change === null) throw invalidArgument('info is missing');
    valid(change.digest);
    return this.#content.update(ctx, change, paths);
  }

  async *list(ctx: Context, filters: readonly string[]): AsyncGenerator<ListContentResponse> {
    let info: Info[] = [];
    for await (const each of this.#content.list(ctx, filters)) {
      info.push(each);
      if (info.length < listBatch) continue;
      yield { info };
      info = [];
    }
    if (info.length > 0) yield { info };
  }

  async delete(ctx: Context, digest: string): Promise<void> {
    parseDigest(digest);
    await this.#content.delete(ctx, digest);
  }

  /** A range of a blob; offsets in the answers count from the start of the range. */
  async *read(ctx: Context, request: ReadContentRequest): AsyncGenerator<ReadContentResponse> {
    try {
      parseDigest(request.digest);
    } catch (error) {
      throw wrap(error, request.digest);
    }
    const reader = await this.#content.open(ctx, request.digest);
    try {
      yield* range(reader, request);
    } finally {
      // Not awaited: the caller has its bytes, and closing what was only read cannot lose any.
      reader.close().catch(() => undefined);
    }
  }

  async status(ctx: Context, ref: string): Promise<Status> {
    try {
      return await this.#content.status(ctx, ref);
    } catch (error) {
      throw wrap(error, `could not get status for ref "${ref}"`);
    }
  }

  statuses(ctx: Context, filters: readonly string[]): Promise<Status[]> {
    return this.#content.statuses(ctx, filters);
  }

  abort(ctx: Context, ref: string): Promise<void> {
    return this.#content.abort(ctx, ref);
  }

  /**
   * One upload: an answer to each request, up to and with that to COMMIT. The ref is locked by the first request until
   * the requests, or whoever reads the answers, end.
   */
  async *write(ctx: Context, requests: AsyncIterable<WriteContentRequest>): AsyncGenerator<WriteContentResponse> {
    let upload: ContentUpload | undefined;
    try {
      for await (const request of requests) {
        upload ??= await ContentUpload.begin(this.#content, ctx, request);
        yield await upload.take(request);
        if (request.action === 'COMMIT') return;
      }
    } finally {
      await upload?.close();
    }
  }
}

async function* range(reader: ContentReader, request: ReadContentRequest): AsyncGenerator<ReadContentResponse> {
  const start = Math.max(request.offset, 0);
  const rest = reader.sizeBytes - start;
  if (rest < 0) throw new GantryError('out-of-range', `read past object length ${reader.sizeBytes} bytes`);
  const length = request.size <= 0 ? rest : Math.min(request.size, rest);
  let offset = 0;
  for await (const data of reader.chunks(start, length)) {
    yield { offset, data };
    offset += data.length;
  }
}

function valid(digest: string): string {
  if (!isDigest(digest)) throw invalidArgument(`"${digest}" failed validation`);
  return digest;
}
