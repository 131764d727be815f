import { expect, test } from 'vitest';
import { type Any, pack, unpack } from '../../proto/any.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import { askClient } from './credentials.ts';
import { Stream } from './stream.ts';

type Answer = Init<Messages['containerd.types.transfer.AuthResponse']>;

/** Asks a client that gives these answers, one after the other, and then goes. */
function ask(...answers: Answer[]) {
  const asked: Messages['containerd.types.transfer.AuthRequest'][] = [];
  const incoming = (async function* (): AsyncGenerator<Any, void> {
    for (const answer of answers) yield pack('containerd.types.transfer.AuthResponse', answer);
  })();
  const stream = new Stream('creds', incoming);
  const { signal } = new AbortController();
  void (async () => {
    for await (const message of stream.outgoing(signal)) {
      asked.push(unpack('containerd.types.transfer.AuthRequest', message));
    }
  })();
  const find = askClient(stream);
  const question = { host: 'r.example', reference: 'r.example/x:1', challenges: ['Basic realm="x"'], signal };
  return { asked, find: () => find(question) };
}

const lookedIn = ['stream "creds" of the client'];

test.for([
  [{ authType: 'NONE' }, undefined],
  [{ authType: 'CREDENTIALS' }, undefined],
  [
    { authType: 'CREDENTIALS', username: 'u', secret: 'p' },
    { kind: 'basic', username: 'u', password: 'p' },
  ],
  [
    { authType: 'CREDENTIALS', username: 'u' },
    { kind: 'basic', username: 'u', password: '' },
  ],
  [
    { authType: 'REFRESH', secret: 't' },
    { kind: 'refresh-token', token: 't' },
  ],
  [{ authType: 'REFRESH' }, undefined],
  [
    { authType: 'HEADER', secret: 'Custom x' },
    { kind: 'header', authorization: 'Custom x' },
  ],
] as const)('an answer %j', async ([answer, credentials]) => {
  const { find, asked } = ask(answer);
  expect(await find()).toEqual({ lookedIn, ...(credentials === undefined ? {} : { credentials }) });
  expect(asked).toEqual([{ host: 'r.example', reference: 'r.example/x:1', wwwauthenticate: ['Basic realm="x"'] }]);
});

test('a client that answers no more is not asked again', async () => {
  const { find } = ask();
  const expected = { kind: 'unauthenticated', message: expect.stringContaining('credentials for r.example') };
  await expect(find()).rejects.toMatchObject(expected);
  await expect(find()).rejects.toMatchObject(expected);
});
