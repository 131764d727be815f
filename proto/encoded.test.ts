import { expect, test } from 'vitest';
import { decode, encode } from './codec.ts';
import { EncodedMessage, messageOfItems } from './encoded.ts';

const response = 'containerd.services.containers.v1.ListContainersResponse';
const container = (id: string) => encode('containerd.services.containers.v1.Container', { id });

test('items become the message that has them in its list', () => {
  const ids = ['a', '', 'x'.repeat(127), 'y'.repeat(128), 'z'.repeat(70_000)];
  const { bytes } = messageOfItems(1, ids.map(container));
  expect(bytes).toEqual(encode(response, { containers: ids.map((id) => ({ id })) }));
  expect(decode(response, bytes).containers.map(({ id }) => id)).toEqual(ids);
});

test('a field beyond 15 takes a longer tag', () => {
  expect([...messageOfItems(16, [Buffer.from('a')]).bytes]).toEqual([0x82, 0x01, 1, 0x61]);
});

test('no items make the empty message', () => {
  expect(messageOfItems(1, []).bytes).toEqual(Buffer.alloc(0));
});

test('an encoded message is passed on as it is', () => {
  const bytes = Buffer.from([1, 2, 3]);
  expect(encode(response, new EncodedMessage(bytes))).toBe(bytes);
});
