/**
 * Protobuf wire format, typed by full message name: `encode('containerd.types.Mount', { type: 'bind' })`.
 *
 * Decoded messages have every field: scalars their zero value, absent messages `null`, lists and maps empty; only members
 * of a oneof and `optional` fields are missing when they were not sent. 64-bit integers are plain numbers: beyond 2^53
 * they are rounded, and the greatest uint64 ("no limit" in cgroup metrics) prints as 18446744073709552000. Encoding such
 * a number saturates at the type's limit, so "no limit" survives a round trip.
 */
import { GantryError, messageOf } from '../base/errors.ts';
import { EncodedMessage } from './encoded.ts';
import type { Messages } from './gen/index.ts';
import { type MessageName, messageType } from './registry.ts';

export type { Messages, Services } from './gen/index.ts';
export type { MessageName, ServiceName } from './registry.ts';

/**
 * What a message may be built from: any subset of its fields, deeply. `undefined` and `null` mean absent. An enum takes
 * its value names or a number, which a peer newer than this build may have sent.
 */
export type Init<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer Item)[]
    ? readonly Init<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Init<T[Key]> | null | undefined }
      : T extends string
        ? string extends T
          ? T
          : T | number
        : T;

const DECODED = { defaults: true, enums: String, longs: Number } as const;

/** Serializes a message. Fields that `init` leaves out are not written. */
export function encode<Name extends MessageName>(name: Name, init: Init<Messages[Name]> | EncodedMessage): Buffer {
  if (init instanceof EncodedMessage) return init.bytes;
  const type = messageType(name);
  return type.encode(type.fromObject(init as Record<string, unknown>)).finish() as Buffer;
}

/**
 * Reads a message. Unknown fields are skipped; an enum number without a name is left a number.
 * Bytes fields are views into `bytes`. Throws invalid-argument when `bytes` is not a message of that type.
 */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Messages[Name] {
  const type = messageType(name);
  try {
    return type.toObject(type.decode(bytes), DECODED) as Messages[Name];
  } catch (error) {
    throw new GantryError('invalid-argument', `malformed ${name}: ${messageOf(error)}`, { cause: error });
  }
}

/** A message with nothing set: what decoding no bytes gives. */
export function empty<Name extends MessageName>(name: Name): Messages[Name] {
  return decode(name, new Uint8Array());
}
