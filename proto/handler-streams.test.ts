import { expect, test, vi } from 'vitest';
import { GantryError } from '../base/errors.ts';
import { eventually } from '../test/helpers/eventually.ts';
import type { Implementation } from './call-context.ts';
import { bindService, implement } from './handler.ts';
import { type Fixture, failure, serve } from './handler-fixture.ts';
import { serviceDefinition } from './service.ts';

const CONTENT = 'containerd.services.content.v1.Content';
const { Read, Write } = serviceDefinition(CONTENT);

function content(implementation: Implementation<typeof CONTENT>, report = vi.fn()) {
  return bindService(implement(CONTENT, implementation), { report });
}

function read({ client }: Fixture, digest = 'd') {
  return client.makeServerStreamRequest(Read.path, Read.requestSerialize, Read.responseDeserialize, { digest });
}

function write({ client }: Fixture) {
  return client.makeBidiStreamRequest(Write.path, Write.requestSerialize, Write.responseDeserialize);
}

test('responses arrive in order, with data of 16 MiB less the envelope', async () => {
  const data = Buffer.alloc((16 << 20) - 64, 7);
  await using server = await serve(
    content({
      async *Read(request) {
        expect(request.digest).toBe('d');
        yield { offset: 0, data };
        yield { offset: data.length };
      },
    }),
  );
  const chunks = await read(server).toArray();
  expect(chunks.map((chunk) => chunk.offset)).toEqual([0, data.length]);
  expect(Buffer.compare(chunks[0]?.data, data)).toBe(0);
});

test('a failure after some responses ends the stream with its status', async () => {
  await using server = await serve(
    content({
      async *Read() {
        yield { offset: 1 };
        throw new GantryError('out-of-range', 'offset 9 of d');
      },
    }),
  );
  const stream = read(server);
  const offsets: number[] = [];
  stream.on('data', (chunk: { offset: number }) => offsets.push(chunk.offset));
  expect(await failure(new Promise((_, reject) => stream.on('error', reject)))).toEqual({
    code: 11,
    details: 'offset 9 of d: out of range',
  });
  expect(offsets).toEqual([1]);
});

test('a client that does not read stops the producer', async () => {
  let produced = 0;
  const total = 64;
  await using server = await serve(
    content({
      async *Read() {
        for (; produced < total; produced++) yield { data: Buffer.alloc(1 << 20) };
      },
    }),
  );
  const chunks = read(server)[Symbol.asyncIterator]();
  await chunks.next(); // grpc-js' client holds back only after it was read from once
  let last = -1;
  await eventually(() => {
    const before = last;
    last = produced;
    expect(last).toBeGreaterThan(0);
    expect(last).toBe(before);
  });
  expect(produced).toBeLessThan(total / 2);
  let received = 1;
  while (!(await chunks.next()).done) received++;
  expect(received).toBe(total);
});

test('a cancelled stream ends its producer', async () => {
  let ended: unknown;
  await using server = await serve(
    content({
      async *Read(_, ctx) {
        try {
          for (;;) yield { data: Buffer.alloc(1 << 20) };
        } finally {
          ended = ctx.signal.reason;
        }
      },
    }),
  );
  const stream = read(server);
  stream.on('error', () => {});
  await new Promise((resolve) => stream.once('data', resolve));
  stream.cancel();
  await eventually(() => expect(ended).toMatchObject({ kind: 'canceled' }));
});

test('requests and responses of a bidirectional call take turns', async () => {
  await using server = await serve(
    content({
      async *Write(requests) {
        let offset = 0;
        for await (const request of requests) {
          offset += request.data.length;
          yield { action: request.action, offset };
        }
      },
    }),
  );
  const stream = write(server);
  const answers = stream[Symbol.asyncIterator]();
  for (const [size, offset] of [
    [1, 1],
    [8 << 20, (8 << 20) + 1],
    [0, (8 << 20) + 1],
  ] as const) {
    stream.write({ action: 'WRITE', data: Buffer.alloc(size) });
    expect((await answers.next()).value).toMatchObject({ action: 'WRITE', offset });
  }
  stream.end();
  expect((await answers.next()).done).toBe(true);
});

test('leaving the requests early still answers', async () => {
  await using server = await serve(
    content({
      async *Write(requests) {
        for await (const request of requests) {
          yield { offset: request.data.length };
          break;
        }
        throw new GantryError('already-exists', 'content d');
      },
    }),
  );
  const stream = write(server);
  stream.write({ data: Buffer.alloc(3) });
  const answers = stream[Symbol.asyncIterator]();
  expect((await answers.next()).value).toMatchObject({ offset: 3 });
  expect(await failure(answers.next())).toEqual({ code: 6, details: 'content d: already exists' });
});

test('a handler that does not read stops the sender', async () => {
  const go = Promise.withResolvers<void>();
  let received = 0;
  await using server = await serve(
    content({
      async *Write(requests) {
        for await (const _ of requests) {
          received++;
          await go.promise;
        }
        yield { offset: received };
      },
    }),
  );
  const stream = write(server);
  const total = 32;
  let sent = 0;
  const sending = (async () => {
    for (; sent < total; sent++) {
      await new Promise((resolve) => stream.write({ data: Buffer.alloc(1 << 20) }, resolve));
    }
    stream.end();
  })();
  let last = -1;
  await eventually(() => {
    const before = last;
    last = sent;
    expect(last).toBeGreaterThan(0);
    expect(last).toBe(before);
  });
  expect(sent).toBeLessThan(total / 2);
  expect(received).toBe(1);
  go.resolve();
  expect(await stream.toArray()).toMatchObject([{ offset: total }]);
  await sending;
});

test('a client that goes away wakes a handler that waits for requests', async () => {
  let thrown: unknown;
  await using server = await serve(
    content({
      async *Write(requests) {
        try {
          for await (const _ of requests) yield {};
        } catch (error) {
          thrown = error;
          throw error;
        }
      },
    }),
  );
  const stream = write(server);
  stream.on('error', () => {});
  stream.write({});
  await new Promise((resolve) => stream.once('data', resolve));
  stream.cancel();
  await eventually(() => expect(thrown).toMatchObject({ kind: 'canceled' }));
});
