import { parseDigest } from '../../base/digest.ts';
import { alreadyExists, GantryError, invalidArgument, isKind } from '../../base/errors.ts';
import type { WriteContentRequest, WriteContentResponse } from '../../proto/gen/api/services/content/v1/content.ts';
import type { ContentWriter } from '../content/content.ts';
import type { Context } from '../context.ts';
import type { ContentMembers } from './content.ts';

/** The state of one Write call between its requests. */
export class ContentUpload {
  readonly #content: ContentMembers;
  readonly #ctx: Context;
  readonly #ref: string;
  readonly #writer: ContentWriter;
  /** The last size and digest a request announced; 0 and empty if none did. */
  #total = 0;
  #expected = '';

  private constructor(content: ContentMembers, ctx: Context, ref: string, writer: ContentWriter) {
    this.#content = content;
    this.#ctx = ctx;
    this.#ref = ref;
    this.#writer = writer;
  }

  /** Locks the ref that the first request has to name. The request still has to be taken. */
  static async begin(content: ContentMembers, ctx: Context, first: WriteContentRequest): Promise<ContentUpload> {
    const { ref, total, expected } = first;
    if (ref === '') throw invalidArgument('first message must have a reference');
    if (expected !== '') parseDigest(expected);
    return new ContentUpload(content, ctx, ref, await content.writer(ctx, { ref, total, expected }));
  }

  async take(request: WriteContentRequest): Promise<WriteContentResponse> {
    await this.#announce(request);
    if (request.action === 'STAT') return this.#stat();
    await this.#write(request);
    const { offset } = this.#writer.status();
    if (request.action === 'COMMIT') {
      await this.#writer.commit({ sizeBytes: this.#total, expected: this.#expected, labels: request.labels });
    }
    const digest = this.#writer.digest();
    return { action: request.action, offset, digest, total: 0, startedAt: null, updatedAt: null };
  }

  /** Lets go of the ref. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  async #announce({ expected, total }: WriteContentRequest): Promise<void> {
    if (total > 0) this.#total = total;
    if (expected === '') return;
    parseDigest(expected);
    this.#expected = expected;
    const exists = await this.#content.info(this.#ctx, expected).then(
      () => true,
      (error: unknown) => {
        if (!isKind(error, 'not-found')) throw error;
        return false;
      },
    );
    if (!exists) return;
    // Someone else has finished the blob meanwhile, so what was written here is of no use.
    await this.#writer.close();
    await this.#content.abort(this.#ctx, this.#ref);
    throw alreadyExists(`blob with expected digest ${expected} exists`);
  }

  #stat(): WriteContentResponse {
    const { startedAt, updatedAt, offset } = this.#writer.status();
    const digest = this.#writer.digest();
    return { action: 'STAT', startedAt, updatedAt, offset, total: this.#total, digest };
  }

  async #write({ offset, data }: WriteContentRequest): Promise<void> {
    const written = this.#writer.status().offset;
    if (offset !== 0 && offset !== written) {
      throw new GantryError('out-of-range', `write @${offset} must occur at current offset ${written}`);
    }
    if (offset === 0 && written > 0) await this.#writer.truncate();
    if (data.length > 0) await this.#writer.write(data);
  }
}
