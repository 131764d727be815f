import { pack } from '../../proto/any.ts';
import type { Progress } from '../../proto/gen/api/types/transfer/progress.ts';
import type { OnProgress } from '../images/progress.ts';
import type { Stream } from './stream.ts';

/** How long the end of a transfer waits for a client to take what there is left to tell. */
const patienceMs = 1_000;
/** Between two reports of how many bytes there are by now. */
const bytesIntervalMs = 100;
/** Steps that a slow client may be behind; of more than these the oldest are left out. */
const maxWaiting = 4_096;

/**
 * Tells a client of the steps of a transfer without waiting for it. Of what is told again and again while the client is
 * busy, such as the bytes of one blob, it gets the latest; everything else in order.
 */
export class ProgressSender {
  readonly #stream: Stream;
  /** In the order of first mention. */
  readonly #waiting = new Map<string, Progress>();
  #sending: Promise<void> | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  readonly report = (progress: Progress): void => {
    this.#waiting.set(`${progress.event}\0${progress.name}`, progress);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > maxWaiting && oldest !== undefined) this.#waiting.delete(oldest);
    this.#sending ??= this.#send();
  };

  /** Ends the stream when all is told, or the client has not taken it for a while. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.#sending, late]);
    this.#waiting.clear();
    await Promise.race([this.#stream.end(), late]);
    clearTimeout(timer);
  }

  async #send(): Promise<void> {
    try {
      // What is reported in this turn counts as one.
      await Promise.resolve();
      for (const [key, progress] of this.#waiting) {
        this.#waiting.delete(key);
        await this.#stream.send(pack('containerd.types.transfer.Progress', progress));
      }
    } catch {
      // Nobody listens any more, which does not matter to the transfer.
      this.#waiting.clear();
    } finally {
      this.#sending = undefined;
    }
  }
}

/** A step that is about the transfer as a whole, or about one image. */
export function step(event: string, about: Partial<Progress> = {}): Progress {
  return { event, name: '', parents: [], progress: 0, total: 0, desc: null, ...about };
}

/** Passes on no more reports than anybody can follow: for what is reported with every few bytes. */
export function sparingly(report: OnProgress): OnProgress {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < bytesIntervalMs) return;
    lastMs = nowMs;
    report(progress);
  };
}
