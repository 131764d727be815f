import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { SnapshotRecord } from '../record.ts';
import { writeLayerRecord } from './layer-record.ts';

/**
 * Keeps the records of layers beside their files, too; without them only the recovery of a lost database is poorer, so
 * nobody waits for that. It is begun as soon as whoever made the layer is answered: a crash may come right after.
 */
export class LayerRecords {
  readonly #directory: (id: number) => string;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, SnapshotRecord>();
  #turn: NodeJS.Immediate | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param directory where what belongs to a layer is, by its id */
  constructor(directory: (id: number) => string, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /** Has a layer's record written at the loop's next turn, unless another one, or the layer's removal, comes before. */
  remember(record: SnapshotRecord): void {
    this.#waiting.set(record.id, record);
    this.#turn ??= setImmediate(() => this.#write());
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
    clearImmediate(this.#turn);
    this.#turn = undefined;
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
