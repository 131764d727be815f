/**
 * The frames of a shim's attach socket, version 1 (shim/src/attach.h): type, three zero bytes, length as 4 bytes
 * big-endian, payload.
 */
import { GantryError } from '../base/errors.ts';

export const ATTACH_VERSION = 1;
const headerBytes = 8;
const payloadMaxBytes = 32 * 1024;

/** What a shim sends. */
export const FROM_SHIM = { hello: 0, stdout: 1, stderr: 2, skipped: 3, end: 4, refused: 5 } as const;
/** What a client sends. */
export const TO_SHIM = { hello: 0, input: 1, size: 2 } as const;

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

/** One frame as bytes; `payload` is at most 32 KiB. */
export function encodeFrame(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(headerBytes + payload.length);
  frame[0] = type;
  frame.writeUInt32BE(payload.length, 4);
  frame.set(payload, headerBytes);
  return frame;
}

/** The first frame of a client; with `replay` it is shown the latest output that there was before it came. */
export function encodeHello({ replay }: { replay: boolean }): Buffer {
  return encodeFrame(TO_SHIM.hello, Uint8Array.of(ATTACH_VERSION, replay ? 1 : 0));
}

/** Input of any length, in as many frames as it takes. */
export function encodeInput(bytes: Uint8Array): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += payloadMaxBytes) {
    frames.push(encodeFrame(TO_SHIM.input, bytes.subarray(at, at + payloadMaxBytes)));
  }
  return frames;
}

/** The size of the client's terminal, in characters. */
export function encodeSize({ columns, rows }: { columns: number; rows: number }): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(Math.min(columns, 0xffff), 0);
  payload.writeUInt16BE(Math.min(rows, 0xffff), 2);
  return encodeFrame(TO_SHIM.size, payload);
}

/** Puts together the frames that a shim sends, however their bytes arrive. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. @throws GantryError data-loss for what is no frame */
  push(bytes: Buffer): Frame[] {
    const frames: Frame[] = [];
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= headerBytes) {
      const length = this.#rest.readUInt32BE(4);
      if (length > payloadMaxBytes) throw new GantryError('data-loss', `a frame of ${length} bytes is no attach frame`);
      if (this.#rest.length < headerBytes + length) break;
      frames.push({ type: this.#rest[0] ?? 0, payload: this.#rest.subarray(headerBytes, headerBytes + length) });
      this.#rest = this.#rest.subarray(headerBytes + length);
    }
    return frames;
  }
}
