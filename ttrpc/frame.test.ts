import { expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameDecoder, FrameFlag, FrameType, MAX_DATA_BYTES } from './frame.ts';

function frames(decoder: FrameDecoder, ...chunks: Buffer[]): Frame[] {
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

test('the bytes are those of the protocol', () => {
  const frame = encodeFrame(0x01020305, FrameType.data, FrameFlag.remoteClosed | FrameFlag.noData, Buffer.from('abc'));
  expect(frame.toString('hex')).toBe(`00000003010203050305${Buffer.from('abc').toString('hex')}`);
});

test('frames split at any byte, and several in one chunk', () => {
  const stream = Buffer.concat([
    encodeFrame(1, FrameType.request, 0, Buffer.from('first')),
    encodeFrame(3, FrameType.data, 5, Buffer.alloc(0)),
    encodeFrame(5, FrameType.response, 0, Buffer.from('last')),
  ]);
  const whole = frames(new FrameDecoder(), stream);
  expect(whole.map(({ streamId, type, flags, data }) => [streamId, type, flags, data.toString()])).toEqual([
    [1, 1, 0, 'first'],
    [3, 3, 5, ''],
    [5, 2, 0, 'last'],
  ]);
  expect(frames(new FrameDecoder(), ...Array.from(stream, (byte) => Buffer.of(byte)))).toEqual(whole);
  for (let at = 0; at <= stream.length; at++) {
    expect(frames(new FrameDecoder(), stream.subarray(0, at), stream.subarray(at))).toEqual(whole);
  }
});

test('the greatest frame fits; one byte more is refused by the sender', () => {
  const data = Buffer.alloc(MAX_DATA_BYTES, 7);
  const [frame] = frames(new FrameDecoder(), encodeFrame(1, FrameType.request, 0, data));
  expect(frame?.data.equals(data)).toBe(true);
  expect(() => encodeFrame(1, FrameType.request, 0, Buffer.alloc(MAX_DATA_BYTES + 1))).toThrow(
    'message length 4194305 exceed maximum message size of 4194304',
  );
});

test('a frame that is too long is reported without its data, and the next one is read', () => {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(MAX_DATA_BYTES + 100, 0);
  header.writeUInt32BE(7, 4);
  header.writeUInt8(FrameType.request, 8);
  const decoder = new FrameDecoder();
  expect(frames(decoder, header, Buffer.alloc(MAX_DATA_BYTES))).toEqual([]);
  const rest = Buffer.concat([Buffer.alloc(100), encodeFrame(9, FrameType.request, 0, Buffer.from('next'))]);
  const [long, next] = frames(decoder, rest);
  expect(long).toMatchObject({ streamId: 7, dataBytes: MAX_DATA_BYTES + 100 });
  expect(long?.data).toHaveLength(0);
  expect(next?.data.toString()).toBe('next');
});
