import { expect, test } from 'vitest';
import { bytesAsBase64 } from './print.ts';
import { oneLine } from './text.ts';
import { formatAge, formatSize } from './units.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1.5 * 1024 ** 2, '1.5 MiB'],
  [2 ** 52, '4096.0 TiB'],
])('formatSize of %d bytes', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test.each([
  [0, 'just now'],
  [1, '1 second ago'],
  [59, '59 seconds ago'],
  [60, '1 minute ago'],
  [7_200, '2 hours ago'],
  [86_400 * 400, '1 year ago'],
  [-30, 'just now'],
])('formatAge of %d seconds', (seconds, text) => {
  const now = new Date('2026-01-01T00:00:00Z');
  expect(formatAge(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
});

test('oneLine joins lines and takes away what steers a terminal', () => {
  expect(oneLine('a\n  b\r\nc\u001b]0;x\u0007d\u009be')).toBe('a b c?]0;x?d?e');
});

test('bytes in JSON are base64, wherever they are', () => {
  const value = { a: Buffer.from('hi'), b: [new Uint8Array([255])], c: 'text' };
  expect(JSON.stringify(value, bytesAsBase64)).toBe('{"a":"aGk=","b":["/w=="],"c":"text"}');
});
