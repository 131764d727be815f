import type { Descriptor as BlobDescriptor } from '../../image/manifest.ts';
import { refKey } from '../../image/refs.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Progress } from '../../proto/gen/api/types/transfer/progress.ts';

/** Told of the steps of a transfer, in containerd's words and order. */
export type OnProgress = (progress: Progress) => void;

/** How often bytes are told. */
const tickMs = 300;

/** A descriptor as messages have it. */
export function wireDescriptor({ mediaType, digest, size, annotations = {} }: BlobDescriptor): Descriptor {
  return { mediaType, digest, size, annotations: { ...annotations } };
}

/** A step of the whole transfer. */
export function step(event: string, of?: { readonly name: string; readonly target: BlobDescriptor }): Progress {
  const desc = of === undefined ? null : wireDescriptor(of.target);
  return { event, name: of?.name ?? '', parents: [], progress: 0, total: 0, desc };
}

export interface BlobProgressOptions {
  readonly onProgress: OnProgress;
  /** Parent of what has no other. */
  readonly root: string;
  /** What is told of bytes that move. */
  readonly moving: 'downloading' | 'uploading';
  /** Bytes that have been moved; undefined if it is not under way. */
  readonly offsetOf: (digest: string) => number | undefined;
}

interface Job {
  readonly descriptor: BlobDescriptor;
  readonly name: string;
  readonly parents: string[];
  offset: number;
  isThere: boolean;
  /** What is done with it, which is told when it is there. */
  extraction: 'none' | 'extracting' | 'extracted';
}

/** Tells what becomes of the blobs of one transfer, each step once, and while bytes move a few times a second how many. */
export class BlobProgress implements Disposable {
  readonly #options: BlobProgressOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #parents = new Map<string, string[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: BlobProgressOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** The parts of a document, before they are waited for. */
  parts(descriptor: BlobDescriptor, children: readonly BlobDescriptor[]): void {
    for (const { digest } of children) {
      const parents = this.#parents.get(digest) ?? [];
      this.#parents.set(digest, [...parents, refKey(descriptor)]);
    }
  }

  waiting(descriptor: BlobDescriptor): void {
    const { digest, size } = descriptor;
    if (this.#jobs.has(digest)) return;
    const parents = this.#parents.get(digest) ?? [this.#options.root];
    const name = refKey(descriptor);
    this.#jobs.set(digest, { descriptor, name, parents, offset: 0, isThere: false, extraction: 'none' });
    this.#tell('waiting', digest, 0, size);
  }

  /** It is where it should be: it was before, or is now. */
  there({ digest, size }: BlobDescriptor, event: 'already exists' | 'complete'): void {
    const job = this.#jobs.get(digest);
    if (job === undefined || job.isThere) return;
    job.isThere = true;
    this.#tell(event, digest, size, size);
    if (job.extraction !== 'none') this.#tell('extracting', digest, 0, size);
    if (job.extraction === 'extracted') this.#tell('extracted', digest, size, size);
  }

  extraction({ digest, size }: Pick<BlobDescriptor, 'digest' | 'size'>, state: 'extracting' | 'extracted'): void {
    const job = this.#jobs.get(digest);
    if (job === undefined || job.extraction === state) return;
    job.extraction = state;
    // Layers are extracted while they come; to be told in containerd's order, that has to wait.
    if (job.isThere) this.#tell(state, digest, state === 'extracted' ? size : 0, size);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const [digest, job] of this.#jobs) {
      if (job.isThere) continue;
      const offset = this.#options.offsetOf(digest) ?? 0;
      if (offset <= job.offset) continue;
      job.offset = offset;
      this.#tell(this.#options.moving, digest, offset, job.descriptor.size);
    }
  }

  #tell(event: string, digest: string, progress: number, total: number): void {
    const { descriptor, name, parents } = this.#jobs.get(digest) as Job;
    this.#options.onProgress({ event, name, parents, progress, total, desc: wireDescriptor(descriptor) });
  }
}
