import { GantryError, invalidArgument, messageOf } from '../../base/errors.ts';
import { decode, encode, type Init, type MessageName, type Messages } from '../../proto/codec.ts';

const separator = '\0';

/** A set of records of one type, told apart from other tables by the first part of the key. */
export interface Table<T> {
  readonly name: string;
  encode(value: T): Buffer;
  decode(bytes: Buffer): T;
}

/** A table of protobuf messages. */
export function messageTable<Name extends MessageName>(name: string, message: Name): Table<Messages[Name]> {
  return {
    name,
    encode: (value) => encode(message, value as Init<Messages[Name]>),
    decode: (bytes) => decode(message, bytes),
  };
}

/** The same table, its records as they are stored: those of a message table are the message, encoded. */
export function encodedTable(table: Table<unknown>): Table<Buffer> {
  return { name: table.name, encode: (bytes) => bytes, decode: (bytes) => bytes };
}

/** A table of small values that have no message on the wire. */
export function jsonTable<T>(name: string): Table<T> {
  return {
    name,
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()),
  };
}

/** The key of one record. Throws invalid-argument for a part with a NUL, which would end up in another record's place. */
export function keyOf(table: Table<unknown>, parts: readonly string[]): string {
  for (const part of parts) {
    if (part.includes(separator))
      throw invalidArgument(`${table.name} key ${JSON.stringify(part)} contains a null byte`);
  }
  return [table.name, ...parts].join(separator);
}

/** What the keys of all records start with whose first parts are `parts`. */
export function prefixOf(table: Table<unknown>, parts: readonly string[]): string {
  return keyOf(table, parts) + separator;
}

/** The parts of a record's key, without the table's name. */
export function partsOf(key: string): string[] {
  return key.split(separator).slice(1);
}

/** Decodes a stored record. Throws data-loss, with the key, for bytes that are no such record. */
export function decodeRecord<T>(table: Table<T>, key: string, bytes: Buffer): T {
  try {
    return table.decode(bytes);
  } catch (error) {
    const path = [table.name, ...partsOf(key)].join('/');
    throw new GantryError('data-loss', `metadata record ${path} is damaged: ${messageOf(error)}`, { cause: error });
  }
}
