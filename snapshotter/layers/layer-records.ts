import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { SnapshotRecord } from '../record.ts';
import { writeLayerRecord } from './layer-record.ts';

/**
 * How long a record waits for its successor: an active snapshot that a layer is unpacked into is committed within it, and
 * one that nobody needed is removed.
 */
const settleMs = 50;

/**
 * Keeps the records of layers beside their files, too; without them only the recovery of a lost database is poorer, so
 * nobody waits for that, and what is soon replaced is not written at all.
 */
export class LayerRecords {
  readonly #directory: (id: number) => string;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, SnapshotRecord>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param directory where what belongs to a layer is, by its id */
  constructor(directory: (id: number) => string, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /** Has a layer's record written soon, unless another one, or the layer's removal, comes before. */
  remember(record: SnapshotRecord): void {
    this.#waiting.set(record.id, record);
    this.#timer ??= setTimeout(() => this.#write(), settleMs);
  }

  /** Of a layer that is removed. */
  forget(id: number): void {
    this.#waiting.delete(id);
  }

  /** Resolves when all records are written. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = [...this.#waiting.values()];
    this.#waiting.clear();
    // Those of one layer stay in their order.
    this.#writing = this.#writing.then(async () => {
      for (const record of records) await this.#put(record);
    });
  }

  async #put(record: SnapshotRecord): Promise<void> {
    try {
      await writeLayerRecord(this.#directory(record.id), record);
    } catch (error) {
      // A snapshot may be removed before.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#logger.warn({ snapshot: record.name, error: messageOf(error) }, 'cannot keep a record beside the layer');
    }
  }
}
