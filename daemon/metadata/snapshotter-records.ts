import type { KeyValue } from '../../snapshotter/key-value.ts';
import type { Database } from './database.ts';
import type { Table } from './table.ts';

/** The records of snapshotters themselves, as they encode them: below the snapshotter's name what it likes. */
const recordsTable: Table<Buffer> = {
  name: 'snapshotters',
  encode: (value) => value,
  decode: (bytes) => bytes,
};

/**
 * A snapshotter's own records in the daemon's database. They are written unsynced unless `durable`: what makes them matter
 * in the daemon is the metadata that refers to them, which is written after them and synced with all that went before.
 */
export function snapshotterRecords(
  database: Database,
  snapshotter: string,
  { durable }: { readonly durable: boolean } = { durable: false },
): KeyValue {
  return {
    get: (key) => database.get(recordsTable, [snapshotter, ...key]),
    async *list(prefix) {
      for await (const { key, value } of database.list(recordsTable, [snapshotter, ...prefix])) {
        yield { key: key.slice(1), value };
      }
    },
    write: (changes) =>
      database.update(
        (tx) => {
          for (const { key, value } of changes) {
            if (value === null) tx.delete(recordsTable, [snapshotter, ...key]);
            else tx.put(recordsTable, [snapshotter, ...key], value);
          }
        },
        { durable },
      ),
  };
}
