import type { FieldLookup, Matcher } from '../../base/filter.ts';
import type { Context } from '../context.ts';
import type { Database } from './database.ts';
import { encodedTable, type Table } from './table.ts';

/** What to list of a table, and how to look into a record. */
export interface Listing<T> {
  readonly table: Table<T>;
  readonly field: (record: T) => FieldLookup;
  /** Undefined takes every record. */
  readonly matches: Matcher | undefined;
}

/**
 * The records of the context's namespace that match, as they are stored, which for a message table is the message. Lists
 * have thousands of records and clients wait for all of them: only those that a filter asks about are decoded.
 */
export async function* listEncoded<T>(
  database: Database,
  ctx: Context,
  { table, field, matches }: Listing<T>,
): AsyncGenerator<Buffer> {
  for await (const { value } of database.list(encodedTable(table), [ctx.namespace])) {
    ctx.signal.throwIfAborted();
    if (matches === undefined || matches(field(table.decode(value)))) yield value;
  }
}
