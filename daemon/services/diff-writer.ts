import { randomBytes } from 'node:crypto';
import { isKind, wrap } from '../../base/errors.ts';
import type { Info } from '../../proto/gen/api/services/content/v1/content.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import { diffCompression } from '../../snapshotter/diff/media-types.ts';
import { overlayUpper } from '../../snapshotter/diff/overlay-upper.ts';
import { writeLayer } from '../../snapshotter/diff/write-layer.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { readOnlyMounts, type TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import type { Arrivals } from '../content/arrivals.ts';
import type { BlobSource, ContentWriter, WriterOptions } from '../content/content.ts';
import type { Context } from '../context.ts';

const uncompressedLabel = 'containerd.io/uncompressed';

/** Content as a namespace sees it. */
export interface DiffContent {
  /** Layers on their way: to extract them nobody waits until they are whole. */
  readonly arrivals: Pick<Arrivals, 'find'>;
  info(ctx: Context, digest: string): Promise<Info>;
  update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info>;
  withSource<T>(ctx: Context, digest: string, body: (source: BlobSource) => Promise<T>): Promise<T>;
  writer(ctx: Context, options: WriterOptions): Promise<ContentWriter>;
  abort(ctx: Context, ref: string): Promise<void>;
}

export interface DiffWriterDeps {
  readonly mounts: TemporaryMounts;
  readonly content: DiffContent;
}

export interface DiffToWrite {
  readonly left: readonly Mount[];
  readonly right: readonly Mount[];
  readonly mediaType: string;
  /** Names the ingest; '' for one made up here, which is dropped on failure. */
  readonly ref: string;
  readonly labels: Readonly<Record<string, string>>;
  /** No file is told to be younger, in nanoseconds since the epoch. */
  readonly latestMtimeNs?: bigint;
}

/** Writes the difference of two sets of mounts as a layer into the content store. */
export class DiffWriter {
  readonly #deps: DiffWriterDeps;

  constructor(deps: DiffWriterDeps) {
    this.#deps = deps;
  }

  async write(ctx: Context, diff: DiffToWrite): Promise<Descriptor> {
    const { content } = this.#deps;
    const compression = diffCompression(diff.mediaType);
    const ref = diff.ref === '' ? `diff-${Date.now()}-${randomBytes(6).toString('base64url')}` : diff.ref;
    const writer = await content.writer(ctx, { ref }).catch((error) => {
      throw wrap(error, 'failed to open writer');
    });
    let info: Info;
    try {
      await writer.truncate();
      const diffId = await this.#writeTo(ctx, writer, diff);
      const labels = compression === 'none' ? diff.labels : { ...diff.labels, [uncompressedLabel]: diffId };
      info = await this.#commit(ctx, writer, labels);
    } catch (error) {
      await writer.close();
      if (diff.ref === '') await content.abort(ctx, ref).catch(() => undefined);
      throw error;
    }
    return { mediaType: diff.mediaType, digest: info.digest, size: info.size, annotations: {} };
  }

  /** Returns the digest of what was written as it was before being compressed. */
  #writeTo(ctx: Context, writer: ContentWriter, diff: DiffToWrite): Promise<string> {
    const { mounts } = this.#deps;
    const { left, right, latestMtimeNs } = diff;
    const compression = diffCompression(diff.mediaType);
    const store = (bytes: Uint8Array) => writer.write(bytes);
    return mounts.with(readOnlyMounts(left), (lower) =>
      mounts.with(readOnlyMounts(right), (upper) => {
        const trees = { lower, upper, overlayUpper: overlayUpper(left, right) };
        return writeLayer({ ...trees, compression, latestMtimeNs }, store, { signal: ctx.signal });
      }),
    );
  }

  /** A blob that is there already is as good, once it says what it is uncompressed. */
  async #commit(ctx: Context, writer: ContentWriter, labels: Record<string, string>): Promise<Info> {
    const { content } = this.#deps;
    const digest = writer.digest();
    await writer.commit({ expected: digest, labels }).catch((error) => {
      if (!isKind(error, 'already-exists')) throw wrap(error, 'failed to commit');
    });
    const info = await content.info(ctx, digest);
    const uncompressed = labels[uncompressedLabel];
    if (uncompressed === undefined || info.labels[uncompressedLabel] !== undefined) return info;
    const change = { ...info, labels: { [uncompressedLabel]: uncompressed } };
    return content.update(ctx, change, [`labels.${uncompressedLabel}`]);
  }
}
