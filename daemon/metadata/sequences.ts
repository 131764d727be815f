import { Mutex } from '../../base/mutex.ts';
import type { Database } from './database.ts';
import { sequenceTable } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** The next number, from 1, of a named sequence. A number is never handed out twice, also across restarts. */
export async function nextInSequence(tx: Transaction, name: string): Promise<number> {
  const next = ((await tx.get(sequenceTable, [name])) ?? 0) + 1;
  tx.put(sequenceTable, [name], next);
  return next;
}

/** Makes sure that a number that is in use is not handed out again. */
export async function raiseSequence(tx: Transaction, name: string, used: number): Promise<void> {
  const last = (await tx.get(sequenceTable, [name])) ?? 0;
  if (last < used) tx.put(sequenceTable, [name], used);
}

/** How many numbers are taken from the database at a time; those not used by the end of the process never are. */
const blockSize = 100;

/** Numbers of sequences for who needs one for every call: the database is asked once in a hundred. */
export class NumberBlocks {
  readonly #database: Database;
  readonly #taking = new Mutex();
  readonly #blocks = new Map<string, { next: number; last: number; era: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** As `nextInSequence`, in a transaction of its own; what is written with the number reaches the disk after it. */
  async next(name: string): Promise<number> {
    return this.#inHand(name) ?? this.#taking.run(async () => this.#inHand(name) ?? this.#take(name));
  }

  /** The next number of a block, unless it is used up or the database could not keep it. */
  #inHand(name: string): number | undefined {
    const block = this.#blocks.get(name);
    if (block === undefined || block.next > block.last || block.era !== this.#database.era) return undefined;
    return block.next++;
  }

  async #take(name: string): Promise<number> {
    const { era } = this.#database;
    const take = async (tx: Transaction) => {
      const next = ((await tx.get(sequenceTable, [name])) ?? 0) + 1;
      tx.put(sequenceTable, [name], next + blockSize - 1);
      return next;
    };
    const next = await this.#database.update(take, { durable: false });
    this.#blocks.set(name, { next: next + 1, last: next + blockSize - 1, era });
    return next;
  }
}
