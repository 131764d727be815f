import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, isKind } from '../../base/errors.ts';
import type { Sys } from '../../native/sys.ts';
import { type Any, holds, unpack } from '../../proto/any.ts';
import { encode } from '../../proto/codec.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import { writeLayer } from '../../snapshotter/diff/write-layer.ts';
import type { BlobSource, ContentWriter, WriterOptions } from '../content/content.ts';
import type { Context } from '../context.ts';
import type { Bundle } from '../runtime/bundle.ts';

const imageMediaType = 'application/vnd.containerd.container.criu.checkpoint.criu.tar';
const specMediaType = 'application/vnd.containerd.container.checkpoint.config.v1+proto';
const optionsName = 'containerd.runc.v1.CheckpointOptions';
/** With this annotation containerd's CRI plugin names a directory of its own instead of a blob. */
const pathAnnotation = 'RestoreFromPath';

/** Takes the next bytes of a blob. */
type Store = (bytes: Uint8Array) => Promise<void>;

/** What is needed to keep checkpoints. */
export interface TaskCheckpointsDeps {
  readonly sys: Pick<Sys, 'applyLayer' | 'removeTree'>;
  readonly content: {
    withSource<T>(ctx: Context, digest: string, body: (source: BlobSource) => Promise<T>): Promise<T>;
    writer(ctx: Context, options: WriterOptions): Promise<ContentWriter>;
    abort(ctx: Context, ref: string): Promise<void>;
  };
}

/** Checkpoints of tasks as blobs: the directory that criu writes and reads, as an archive in the content store. */
export class TaskCheckpoints {
  readonly #deps: TaskCheckpointsDeps;

  constructor(deps: TaskCheckpointsDeps) {
    this.#deps = deps;
  }

  /**
   * Has a checkpoint written into a directory, and stores that and the container's spec as blobs.
   * @param write lets the runtime write its images into a directory that it may have to make
   */
  async store(
    ctx: Context,
    bundle: Bundle,
    spec: Any | null,
    write: (path: string) => Promise<unknown>,
  ): Promise<Descriptor[]> {
    const { sys } = this.#deps;
    const path = await mkdtemp(join(bundle.workPath, 'checkpoint-'));
    try {
      await write(path);
      const empty = await mkdtemp(join(path, '..', 'checkpoint-none-'));
      try {
        const images = { lower: empty, upper: path, compression: 'none' } as const;
        const writeImages = (store: Store) => writeLayer(images, store, { signal: ctx.signal });
        const writeSpec = async (store: Store) => {
          if (spec !== null) await store(encode('google.protobuf.Any', spec));
        };
        return [
          await this.#keep(ctx, imageMediaType, path, writeImages),
          await this.#keep(ctx, specMediaType, join(path, 'spec'), writeSpec),
        ];
      } finally {
        await sys.removeTree(empty);
      }
    } finally {
      // Also when the caller has left: nobody else knows of it.
      await sys.removeTree(path);
    }
  }

  /**
   * Unpacks a checkpoint for a task that is being made; its files go with the task.
   * @throws GantryError unknown for a descriptor of something else, not-found without the blob
   */
  async unpack(ctx: Context, bundle: Bundle, checkpoint: Descriptor): Promise<string> {
    const { sys, content } = this.#deps;
    return content.withSource(ctx, checkpoint.digest, async (source) => {
      const path = await mkdtemp(join(bundle.workPath, 'restore-'));
      await sys.applyLayer({ source, target: path, whiteouts: 'plain' }, { signal: ctx.signal });
      return path;
    });
  }

  async #keep(
    ctx: Context,
    mediaType: string,
    ref: string,
    write: (store: Store) => Promise<unknown>,
  ): Promise<Descriptor> {
    const { content } = this.#deps;
    const writer = await content.writer(ctx, { ref });
    let size = 0;
    try {
      await writer.truncate();
      await write(async (bytes) => {
        await writer.write(bytes);
        size += bytes.length;
      });
      const digest = writer.digest();
      await writer.commit({ expected: digest }).catch((error: unknown) => {
        if (!isKind(error, 'already-exists')) throw error;
      });
      return { mediaType, digest, size, annotations: {} };
    } catch (error) {
      await writer.close();
      await content.abort(ctx, ref).catch(() => undefined);
      throw error;
    }
  }
}

/**
 * Where a client wants the images of a checkpoint itself; empty if they are to be stored.
 * @throws GantryError unknown for options of another kind
 */
export function imagePathOf(runtime: string, options: Any | null): string {
  if (options === null) return '';
  if (!holds(options, optionsName)) throw new GantryError('unknown', `invalid task checkpoint option for ${runtime}`);
  return unpack(optionsName, options).imagePath;
}

/** @throws GantryError for a checkpoint that cannot be restored here */
export function requireCheckpoint(checkpoint: Descriptor): Descriptor {
  if (checkpoint.annotations[pathAnnotation] !== undefined) {
    throw new GantryError('unimplemented', `restoring from a directory named by ${pathAnnotation} is not supported`);
  }
  if (checkpoint.mediaType !== imageMediaType) {
    throw new GantryError('unknown', `unsupported checkpoint type "${checkpoint.mediaType}"`);
  }
  return checkpoint;
}
