/** A message of many parts that are on the wire as they are stored, so that they need not be taken apart in between. */

/** A whole message, encoded. `encode` passes it on as it is. */
export class EncodedMessage {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Wire type of everything that has a length. */
const lengthDelimited = 2;

/**
 * The message whose only field is `items`: encoded messages of the field's type.
 * @param field the field's number, from 1
 */
export function messageOfItems(field: number, items: readonly Uint8Array[]): EncodedMessage {
  const parts: Uint8Array[] = [];
  for (const item of items) parts.push(varints((field << 3) | lengthDelimited, item.length), item);
  return new EncodedMessage(Buffer.concat(parts));
}

function varints(...values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}
