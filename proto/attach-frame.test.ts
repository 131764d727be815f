import { expect, test } from 'vitest';
import { encodeFrame, encodeHello, encodeInput, encodeSize, FrameReader } from './attach-frame.ts';

test('frames are as the shim reads them', () => {
  expect(encodeHello({ replay: true }).toString('hex')).toBe('00000000000000020101');
  expect(encodeSize({ columns: 80, rows: 70_000 }).toString('hex')).toBe('02000000000000040050ffff');
  expect(encodeInput(Buffer.alloc(32 * 1024 + 1)).map(({ length }) => length)).toEqual([8 + 32 * 1024, 9]);
});

test('frames are put together however their bytes arrive', () => {
  const bytes = Buffer.concat([encodeFrame(1, Buffer.from('out')), encodeFrame(4, Buffer.alloc(0))]);
  const reader = new FrameReader();
  const frames = [...bytes].flatMap((byte) => reader.push(Buffer.of(byte)));
  expect(frames.map(({ type, payload }) => [type, payload.toString()])).toEqual([
    [1, 'out'],
    [4, ''],
  ]);
});

test('what is no frame is an error, not a wait for gigabytes', () => {
  expect(() => new FrameReader().push(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(/is no attach frame/);
});
