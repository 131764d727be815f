import type { TransferProgress } from '../../../client/transfer/progress.ts';
import { oneLine } from '../text.ts';
import { formatSize } from '../units.ts';

/**
 * Turns events into lines for a log: one whenever something new happens to a part, none for mere bytes. Returns undefined for
 * an event that is not worth a line.
 */
export class TransferLog {
  readonly #events = new Map<string, string>();

  lineOf({ event, name, total, desc }: TransferProgress): string | undefined {
    if (this.#events.get(name) === event) return undefined;
    this.#events.set(name, event);
    if (name === '') return oneLine(event);
    const sizeBytes = Math.max(total, desc?.size ?? 0);
    return oneLine(`${name}: ${event}${sizeBytes > 0 ? ` (${formatSize(sizeBytes)})` : ''}`);
  }
}
