import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../daemon/context.ts';
import type { EventPublisher } from '../../daemon/events/publisher.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { type Timestamp, timestampFromNs } from '../../proto/timestamp.ts';

export interface RecordedEvent {
  readonly namespace: string;
  readonly topic: string;
  readonly type: string;
  readonly event: unknown;
}

/** A real database in a temporary directory, a clock that ticks only when told, and a record of all events. */
export class MetadataFixture implements AsyncDisposable {
  readonly directory: string;
  readonly database: Database;
  readonly published: RecordedEvent[] = [];
  #nowNs = 1_700_000_000_000_000_000n;

  readonly clock = { now: () => this.#nowNs };
  readonly events: EventPublisher = {
    publish: (namespace, topic, type, event) => {
      this.published.push({ namespace, topic, type, event });
    },
  };

  /** Counts the collections that are asked for. */
  readonly garbage = {
    asked: 0,
    collect: async () => {
      this.garbage.asked += 1;
    },
  };

  private constructor(directory: string, database: Database) {
    this.directory = directory;
    this.database = database;
  }

  /** @param parent where the directory is made */
  static async open(parent = tmpdir()): Promise<MetadataFixture> {
    const directory = await mkdtemp(join(parent, 'gantry-md-'));
    return new MetadataFixture(directory, await Database.open(join(directory, 'db')));
  }

  /** The context of a call in a namespace, with a lease if one is named. */
  context(namespace = 'default', leaseId?: string): Context {
    return { namespace, leaseId, signal: new AbortController().signal };
  }

  /** Moves the clock and returns the new present. */
  tick(ms = 1_000): Timestamp {
    this.#nowNs += BigInt(ms) * 1_000_000n;
    return timestampFromNs(this.#nowNs);
  }

  get now(): Timestamp {
    return timestampFromNs(this.#nowNs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** All items of an async iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
