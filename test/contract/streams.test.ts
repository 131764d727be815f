import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { streamingHandlers } from '../../daemon/grpc/streaming.ts';
import { receiveBytes } from '../../daemon/transfer/byte-receiver.ts';
import { ByteSender } from '../../daemon/transfer/byte-sender.ts';
import { Streams } from '../../daemon/transfer/streams.ts';
import { type Any, pack, unpack } from '../../proto/any.ts';
import { eventually } from '../helpers/eventually.ts';
import { serve } from '../helpers/grpc-server.ts';
import { NamedStream } from '../helpers/named-stream.ts';

const ctx = { namespace: 'default', signal: new AbortController().signal };
const { signal } = ctx;
const grant = (update: number) => pack('containerd.types.transfer.WindowUpdate', { update });
const data = (bytes: Uint8Array) => pack('containerd.types.transfer.Data', { data: bytes });
const text = (host: string) => pack('containerd.types.transfer.AuthRequest', { host });

async function start() {
  const streams = new Streams();
  const server = await serve(streamingHandlers(streams));
  return { streams, client: server.client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Messages the client gets until the stream ends. */
async function rest(stream: NamedStream): Promise<Any[]> {
  const messages: Any[] = [];
  for (let next = await stream.receive(); next !== undefined; next = await stream.receive()) messages.push(next);
  return messages;
}

test('messages go both ways in order, and the end is told', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  const stream = server.streams.claim(ctx, 'a');
  for (const host of ['1', '2', '3']) client.send(text(host));
  client.end();
  expect([await stream.receive(), await stream.receive(), await stream.receive()]).toEqual(['1', '2', '3'].map(text));
  expect(await stream.receive()).toBeUndefined();
  const sent = Promise.all([stream.send(text('x')), stream.send(text('y'))]);
  void stream.end();
  expect(await rest(client)).toEqual([text('x'), text('y')]);
  await sent;
  await expect(stream.send(text('z'))).rejects.toMatchObject({ kind: 'canceled', message: 'stream "a" is over' });
  expect(server.streams.count).toBe(0);
});

test('a name is taken in its namespace as long as the stream is open', async () => {
  await using server = await start();
  using first = await NamedStream.open(server.client, 'a');
  await expect(NamedStream.open(server.client, 'a')).rejects.toMatchObject({ kind: 'already-exists' });
  using _other = await NamedStream.open(server.client.with({ namespace: 'other' }), 'a');
  const stream = server.streams.claim(ctx, 'a');
  expect(() => server.streams.claim(ctx, 'a')).toThrow('in use');
  expect(() => server.streams.claim(ctx, 'b')).toThrow('stream "b"');
  void stream.end();
  expect(await rest(first)).toEqual([]);
  using _again = await NamedStream.open(server.client, 'a');
  expect(server.streams.count).toBe(2);
});

test('a stream has to be named by its first message', async () => {
  await using server = await start();
  const { Stream } = server.client.service('containerd.services.streaming.v1.Streaming');
  const open = async (first: Any[]) => {
    for await (const _ of Stream(first as unknown as AsyncIterable<Any>)) throw new Error('was answered');
  };
  const init = (id: string) => pack('containerd.services.streaming.v1.StreamInit', { id });
  const messages = (...list: Any[]) =>
    (async function* () {
      yield* list;
    })() as unknown as Any[];
  await expect(open(messages())).rejects.toMatchObject({ kind: 'invalid-argument' });
  await expect(open(messages(text('x')))).rejects.toMatchObject({ kind: 'invalid-argument' });
  await expect(open(messages(init('')))).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('a client that goes ends its stream for whoever uses it', async () => {
  await using server = await start();
  const client = await NamedStream.open(server.client, 'a');
  const stream = server.streams.claim(ctx, 'a');
  const received = stream.receive();
  received.catch(() => undefined);
  client[Symbol.dispose]();
  await expect(received).rejects.toMatchObject({ kind: 'canceled' });
  await eventually(() => expect(server.streams.count).toBe(0));
  await expect(stream.send(text('x'))).rejects.toMatchObject({ kind: 'canceled' });
});

test('an error at the end reaches the client', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  void server.streams.claim(ctx, 'a').end(new GantryError('data-loss', 'blob x is damaged'));
  await expect(client.receive()).rejects.toMatchObject({ kind: 'data-loss', message: 'blob x is damaged: data loss' });
});

test('a lease that goes takes its streams along', async () => {
  await using server = await start();
  using leased = await NamedStream.open(server.client.with({ leaseId: 'l' }), 'a');
  using other = await NamedStream.open(server.client.with({ leaseId: 'm' }), 'b');
  using _free = await NamedStream.open(server.client, 'c');
  server.streams.endOfLease('default', 'l');
  expect(await leased.receive()).toBeUndefined();
  server.streams.endOfLease('elsewhere', 'm');
  expect(server.streams.count).toBe(2);
  server.streams.endOfLease('default', 'm');
  expect(await other.receive()).toBeUndefined();
});

test('bytes from a client come through whole, and it sends no more than it may', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  const received = Buffer.concat(await Array.fromAsync(pump(server, client, 5 << 20)));
  expect(received.length).toBe(5 << 20);
  expect(received.every((byte, index) => byte === (index >> 15) % 251)).toBe(true);
});

/** Sends so many bytes as containerd's clients do, while reading them at the other end. */
async function* pump(server: Awaited<ReturnType<typeof start>>, client: NamedStream, sizeBytes: number) {
  const bytes = receiveBytes(server.streams.claim(ctx, 'a'), { signal });
  const sending = (async () => {
    let window = 0;
    for (let sent = 0; sent < sizeBytes; sent += 32_768) {
      while (window < 32_768) {
        const message = await client.receive();
        if (message === undefined) throw new Error('stream ended early');
        const { update } = unpack('containerd.types.transfer.WindowUpdate', message);
        window += update;
        expect(window).toBeLessThanOrEqual(1 << 20);
      }
      window -= 32_768;
      client.send(data(Buffer.alloc(32_768, (sent >> 15) % 251)));
    }
    client.end();
  })();
  yield* bytes;
  await sending;
}

test('bytes to a client wait for its window', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  const sender = new ByteSender(server.streams.claim(ctx, 'a'), { signal });
  let isWritten = false;
  const bytes = Buffer.alloc(100_000, 7);
  const written = sender.write(bytes).then(() => {
    isWritten = true;
  });
  const sizes: number[] = [];
  const take = async () => {
    sizes.push(unpack('containerd.types.transfer.Data', (await client.receive()) as Any).data.length);
  };
  client.send(grant(40_000));
  await take();
  await take();
  expect({ sizes, isWritten }).toEqual({ sizes: [32_768, 7_232], isWritten: false });
  client.send(grant(1_000_000));
  await take();
  await take();
  expect(sizes).toEqual([32_768, 7_232, 32_768, 27_232]);
  await written;
  void sender.end();
  expect(await client.receive()).toBeUndefined();
});

test('who waits for a window learns that the client has gone', async () => {
  await using server = await start();
  const client = await NamedStream.open(server.client, 'a');
  const sender = new ByteSender(server.streams.claim(ctx, 'a'), { signal });
  const written = sender.write(Buffer.alloc(10));
  written.catch(() => undefined);
  client[Symbol.dispose]();
  await expect(written).rejects.toMatchObject({ kind: 'canceled' });
});

test('messages that are no bytes are passed over, malformed ones are refused', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  const bytes = receiveBytes(server.streams.claim(ctx, 'a'), { signal });
  client.send(text('x'));
  client.send({ typeUrl: 'type.googleapis.com/unknown.Type', value: Buffer.from('anything') });
  client.send(data(Buffer.alloc(0)));
  client.send(data(Buffer.from('bytes')));
  expect((await bytes.next()).value).toEqual(Buffer.from('bytes'));
  client.send({ typeUrl: 'containerd.types.transfer.Data', value: Buffer.of(0xff) });
  await expect(bytes.next()).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('a window that is no window lets nothing through', async () => {
  await using server = await start();
  using client = await NamedStream.open(server.client, 'a');
  const sender = new ByteSender(server.streams.claim(ctx, 'a'), { signal });
  for (const update of [-5, 0, 3]) client.send(grant(update));
  const written = sender.write(Buffer.from('abcdef'));
  const first = unpack('containerd.types.transfer.Data', (await client.receive()) as Any);
  expect(first.data.toString()).toBe('abc');
  client.send(grant(2 ** 31 - 1));
  const second = unpack('containerd.types.transfer.Data', (await client.receive()) as Any);
  expect(second.data.toString()).toBe('def');
  await written;
});
