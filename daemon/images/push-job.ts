import { GantryError, isKind, wrap } from '../../base/errors.ts';
import type { Limiter } from '../../base/limiter.ts';
import {
  type Descriptor,
  isIndexType,
  isManifestType,
  isNonDistributableType,
  parseManifest,
} from '../../image/manifest.ts';
import { rankPlatform } from '../../image/platform.ts';
import type { ContentReader, Info } from '../content/content.ts';
import type { Context } from '../context.ts';
import { checkDocumentSize, checkTarget } from './graph.ts';
import { sourceLabel } from './labels.ts';
import { BlobProgress } from './progress.ts';
import type { PushRequest } from './push.ts';

/** Content as a namespace sees it. */
export interface PushContent {
  info(ctx: Context, digest: string): Promise<Info>;
  open(ctx: Context, digest: string): Promise<ContentReader>;
}

export interface PushParts {
  readonly content: PushContent;
  /** Lets so many blobs be sent at once. */
  readonly turns: Limiter;
}

const maxBlobs = 100_000;

/** One push of one image. */
export class PushJob implements Disposable {
  readonly #parts: PushParts;
  readonly #ctx: Context;
  readonly #request: PushRequest;
  readonly #progress: BlobProgress;
  /** By digest: what several parts of the image have is pushed once. */
  readonly #pushes = new Map<string, Promise<void>>();
  readonly #sent = new Map<string, number>();

  constructor(parts: PushParts, ctx: Context, request: PushRequest) {
    this.#parts = parts;
    this.#ctx = ctx;
    this.#request = request;
    this.#progress = new BlobProgress({
      onProgress: request.onProgress ?? (() => undefined),
      root: request.name,
      moving: 'uploading',
      offsetOf: (digest) => this.#sent.get(digest),
    });
  }

  async run(): Promise<void> {
    const { image } = this.#request;
    checkTarget(image);
    await this.#push(image, []);
  }

  /** Resolves when nothing is done any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pushes.values());
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
  }

  /** @param parents labels of the documents that lead to it: what has them has it, too */
  #push(descriptor: Descriptor, parents: readonly Info[]): Promise<void> {
    const { digest, mediaType } = descriptor;
    const known = this.#pushes.get(digest);
    if (known !== undefined) return known;
    if (this.#pushes.size >= maxBlobs)
      throw new GantryError('resource-exhausted', `image: more than ${maxBlobs} blobs`);
    this.#progress.waiting(descriptor);
    const isDocument = isManifestType(mediaType) || isIndexType(mediaType);
    const pushed = isDocument ? this.#pushDocument(descriptor, parents) : this.#pushBlob(descriptor, parents);
    this.#pushes.set(digest, pushed);
    // Whoever waits for several is told of the first failure alone.
    pushed.catch(() => undefined);
    return pushed;
  }

  /** Everything below it goes first. */
  async #pushDocument(descriptor: Descriptor, parents: readonly Info[]): Promise<void> {
    const info = await this.#info(descriptor, parents);
    const bytes = await this.#read(descriptor);
    const document = parseManifest(bytes, descriptor);
    const children =
      document.kind === 'index'
        ? document.manifests.filter((child) => this.#isWanted(child))
        : [document.config, ...document.layers];
    this.#progress.parts(descriptor, children);
    await Promise.all(children.map((child) => this.#push(child, [info, ...parents])));
    const { target, tag, image } = this.#request;
    const options = { signal: this.#ctx.signal, ...(descriptor === image && tag !== undefined ? { tag } : {}) };
    const how = await target.pushManifest(descriptor, bytes, options).catch((error: unknown) => {
      throw wrap(error, `push of ${descriptor.digest}`);
    });
    this.#progress.there(descriptor, how === 'exists' ? 'already exists' : 'complete');
  }

  async #pushBlob(descriptor: Descriptor, parents: readonly Info[]): Promise<void> {
    const { digest, mediaType } = descriptor;
    let info: Info;
    try {
      info = await this.#info(descriptor, parents);
    } catch (error) {
      // Those stay where they are, and need not be here.
      if (isKind(error, 'not-found') && isNonDistributableType(mediaType)) return;
      throw error;
    }
    const { target } = this.#request;
    const blob = {
      descriptor,
      mountFrom: mountCandidates(target, [info, ...parents]),
      open: (offset: number) => this.#chunks(descriptor, offset),
    };
    const options = {
      signal: this.#ctx.signal,
      onBytes: (sentBytes: number) => void this.#sent.set(digest, sentBytes),
    };
    const how = await this.#parts.turns
      .run(() => target.pushBlob(blob, options), { signal: this.#ctx.signal })
      .catch((error: unknown) => {
        this.#ctx.signal.throwIfAborted();
        throw wrap(error, `push of ${digest}`);
      });
    this.#progress.there(descriptor, how === 'uploaded' ? 'complete' : 'already exists');
  }

  #isWanted({ platform }: Descriptor): boolean {
    const { platforms } = this.#request;
    if (platforms.length === 0 || platform === undefined) return true;
    return platforms.some((wanted) => rankPlatform(wanted, platform) === 0);
  }

  async #info({ digest, size }: Descriptor, [parent]: readonly Info[]): Promise<Info> {
    const by = parent === undefined ? 'the image' : parent.digest;
    const info = await this.#parts.content.info(this.#ctx, digest).catch((error: unknown) => {
      if (!isKind(error, 'not-found')) throw error;
      throw new GantryError('not-found', `blob ${digest}, which ${by} refers to, is not here`, { cause: error });
    });
    if (info.size === size) return info;
    throw new GantryError('failed-precondition', `blob ${digest} has ${info.size} bytes, and ${by} says ${size}`);
  }

  async #read(descriptor: Descriptor): Promise<Buffer> {
    checkDocumentSize(descriptor);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#chunks(descriptor, 0)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async *#chunks({ digest, size }: Descriptor, offset: number): AsyncGenerator<Uint8Array> {
    await using reader = await this.#parts.content.open(this.#ctx, digest);
    yield* reader.chunks(offset, size - offset);
  }
}

/** Other repositories of the same registry that are known to have a blob, the nearest by name first. */
export function mountCandidates(
  { domain, path }: { readonly domain: string; readonly path: string },
  infos: readonly { readonly labels: Readonly<Record<string, string>> }[],
): string[] {
  const key = sourceLabel(domain);
  const known = infos.flatMap(({ labels }) => (labels[key] ?? '').split(','));
  const others = new Set(known.filter((repository) => repository !== '' && repository !== path));
  return [...others].sort((a, b) => commonParts(path, b) - commonParts(path, a));
}

function commonParts(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const end = left.findIndex((part, n) => part !== right[n]);
  return end < 0 ? left.length : end;
}
