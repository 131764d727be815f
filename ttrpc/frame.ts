/**
 * ttrpc frames: ten bytes of header, then data.
 *
 *   0-3 data length (big endian) | 4-7 stream id (big endian) | 8 type | 9 flags | 10… data
 */
import { GantryError } from '../base/errors.ts';

export const HEADER_BYTES = 10;
/** More data than this is refused by both sides. */
export const MAX_DATA_BYTES = 4 << 20;

export const FrameType = { request: 1, response: 2, data: 3 } as const;

export const FrameFlag = {
  /** Request, Data: the sender will send no more Data. */
  remoteClosed: 1,
  /** Request: Data frames of the sender will follow. */
  remoteOpen: 2,
  /** Data: there is no message in this frame, not even an empty one. */
  noData: 4,
} as const;

/** One received frame. */
export interface Frame {
  readonly streamId: number;
  /** One of FrameType, or a number a newer peer may have made up. */
  readonly type: number;
  readonly flags: number;
  /** Empty when the frame was too long and its data thrown away. */
  readonly data: Buffer;
  /** What the header announced; above MAX_DATA_BYTES only for a frame that was too long. */
  readonly dataBytes: number;
}

/** The bytes of one frame. Throws resource-exhausted when the data is too long. */
export function encodeFrame(streamId: number, type: number, flags: number, data: Uint8Array): Buffer {
  if (data.length > MAX_DATA_BYTES) throw tooLong(data.length);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + data.length);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(streamId, 4);
  frame.writeUInt8(type, 8);
  frame.writeUInt8(flags, 9);
  frame.set(data, HEADER_BYTES);
  return frame;
}

/** The error for a frame beyond the limit, in the words of the Go implementation. */
export function tooLong(dataBytes: number): GantryError {
  const text = `message length ${dataBytes} exceed maximum message size of ${MAX_DATA_BYTES}`;
  return new GantryError('resource-exhausted', text);
}

/** Cuts a byte stream into frames. Holds at most one unfinished frame, and never the data of one that is too long. */
export class FrameDecoder {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #data = Buffer.alloc(0);
  #dataFilled = 0;

  /** The frames that `chunk` completes, in order. */
  *push(chunk: Buffer): Generator<Frame, void, void> {
    let rest = this.#takeHeader(chunk);
    while (this.#headerFilled === HEADER_BYTES) {
      rest = this.#takeData(rest);
      if (this.#dataFilled < this.#dataBytes()) return;
      yield this.#finish();
      rest = this.#takeHeader(rest);
    }
  }

  #dataBytes(): number {
    return this.#header.readUInt32BE(0);
  }

  #takeHeader(bytes: Buffer): Buffer {
    const taken = bytes.copy(this.#header, this.#headerFilled);
    this.#headerFilled += taken;
    if (taken > 0 && this.#headerFilled === HEADER_BYTES) {
      const dataBytes = this.#dataBytes();
      this.#data = Buffer.allocUnsafeSlow(dataBytes > MAX_DATA_BYTES ? 0 : dataBytes);
    }
    return bytes.subarray(taken);
  }

  /** Data that is too long has no buffer to go to: it is only counted. */
  #takeData(bytes: Buffer): Buffer {
    const taken = Math.min(bytes.length, this.#dataBytes() - this.#dataFilled);
    bytes.copy(this.#data, this.#dataFilled, 0, taken);
    this.#dataFilled += taken;
    return bytes.subarray(taken);
  }

  #finish(): Frame {
    const frame = {
      streamId: this.#header.readUInt32BE(4),
      type: this.#header.readUInt8(8),
      flags: this.#header.readUInt8(9),
      data: this.#data,
      dataBytes: this.#dataBytes(),
    };
    this.#headerFilled = 0;
    this.#dataFilled = 0;
    return frame;
  }
}
