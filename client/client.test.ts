import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { GantryError } from '../base/errors.ts';
import type { CallContext } from '../proto/call-context.ts';
import { implement } from '../proto/handler.ts';
import { connect } from './client.ts';
import { failureOf, serve } from './server-fixture.ts';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const images = 'containerd.services.images.v1.Images';
const events = 'containerd.services.events.v1.Events';
const content = 'containerd.services.content.v1.Content';

test('calls carry the namespace and the lease of their client', async () => {
  const seen: (string | undefined)[][] = [];
  const list = async (_: unknown, { namespace, leaseId }: CallContext) => {
    seen.push([namespace, leaseId]);
    return {};
  };
  await using server = await serve(implement(images, { List: list }));
  const { client } = server;
  await client.service(images).List({});
  await client.with({ leaseId: 'l1' }).service(images).List({});
  await client.with({ namespace: 'other' }).service(images).List({});
  expect(seen).toEqual([
    ['ns', undefined],
    ['ns', 'l1'],
    ['other', undefined],
  ]);
});

test('an error comes back with its kind and text', async () => {
  const get = async () => {
    throw new GantryError('not-found', 'image "x"');
  };
  await using server = await serve(implement(images, { Get: get }));
  const failure = await failureOf(server.client.service(images).Get({ name: 'x' }));
  expect(failure).toBeInstanceOf(GantryError);
  expect(failure).toMatchObject({ kind: 'not-found', message: 'image "x": not found' });
});

test('messages of more than 4 MiB go both ways', async () => {
  const name = 'x'.repeat(15 << 20);
  await using server = await serve(implement(images, { Get: async (request) => ({ image: { name: request.name } }) }));
  const { image } = await server.client.service(images).Get({ name });
  expect(image?.name.length).toBe(name.length);
});

test('an abort cancels the call on the server and throws its reason', async () => {
  const canceled = Promise.withResolvers<void>();
  const get = async (_: unknown, { signal }: CallContext) => {
    await once(signal, 'abort');
    canceled.resolve();
    return {};
  };
  await using server = await serve(implement(images, { Get: get }));
  const controller = new AbortController();
  const reason = new GantryError('canceled', 'enough');
  const call = failureOf(server.client.service(images).Get({}, { signal: controller.signal }));
  await server.client
    .service(images)
    .List({})
    .catch(() => undefined);
  controller.abort(reason);
  expect(await call).toBe(reason);
  await canceled.promise;
});

test('a call that is aborted before it starts does not start', async () => {
  let calls = 0;
  const list = async () => {
    calls += 1;
    return {};
  };
  await using server = await serve(implement(images, { List: list }));
  const failure = await failureOf(server.client.service(images).List({}, { signal: AbortSignal.abort() }));
  expect(failure).toMatchObject({ kind: 'canceled' });
  expect(calls).toBe(0);
});

test('a deadline ends a call that nobody answers', async () => {
  await using server = await serve(implement(images, { List: () => new Promise(() => undefined) }));
  const failure = await failureOf(server.client.service(images).List({}, { timeoutMs: 50 }));
  expect(failure).toMatchObject({ kind: 'deadline-exceeded' });
});

test('leaving a stream early cancels it on the server', async () => {
  const canceled = Promise.withResolvers<void>();
  async function* subscribe(_: unknown, { signal }: CallContext) {
    signal.addEventListener('abort', () => canceled.resolve());
    for (let n = 0; ; n += 1) yield { topic: `/${n}` };
  }
  await using server = await serve(implement(events, { Subscribe: subscribe }));
  const topics: string[] = [];
  for await (const { topic } of server.client.service(events).Subscribe({})) {
    topics.push(topic);
    if (topics.length === 3) break;
  }
  expect(topics).toEqual(['/0', '/1', '/2']);
  await canceled.promise;
});

test('a stream that fails throws after what it gave', async () => {
  async function* subscribe() {
    yield { topic: '/a' };
    throw new GantryError('resource-exhausted', 'subscriber is too slow');
  }
  await using server = await serve(implement(events, { Subscribe: subscribe }));
  const topics: string[] = [];
  const reading = (async () => {
    for await (const { topic } of server.client.service(events).Subscribe({})) topics.push(topic);
  })();
  expect(await failureOf(reading)).toMatchObject({ kind: 'resource-exhausted' });
  expect(topics).toEqual(['/a']);
});

test('a bidirectional call answers while it is asked, and ends its source when it fails', async () => {
  async function* write(requests: AsyncIterable<{ ref: string }>) {
    for await (const { ref } of requests) {
      if (ref === 'bad') throw new GantryError('unavailable', 'ref is locked');
      yield { digest: ref };
    }
  }
  await using server = await serve(implement(content, { Write: write }));
  const ended = Promise.withResolvers<void>();
  async function* source() {
    try {
      yield* [{ ref: 'a' }, { ref: 'b' }, { ref: 'bad' }];
      for (;;) yield { ref: 'more' };
    } finally {
      ended.resolve();
    }
  }
  const digests: string[] = [];
  const exchange = (async () => {
    for await (const { digest } of server.client.service(content).Write(source())) digests.push(digest);
  })();
  // The daemon's own unavailable is not mistaken for one that cannot be reached.
  expect(await failureOf(exchange)).toMatchObject({ kind: 'unavailable', message: 'ref is locked: unavailable' });
  expect(digests).toEqual(['a', 'b']);
  await ended.promise;
});

test('requests that are sent are let go of while the call goes on', async () => {
  async function* write(requests: AsyncIterable<{ ref: string }>) {
    for await (const { ref } of requests) yield { digest: ref };
  }
  await using server = await serve(implement(content, { Write: write }));
  const sent: WeakRef<object>[] = [];
  async function* source() {
    for (let number = 0; number < 100; number++) {
      const request = { ref: String(number) };
      sent.push(new WeakRef(request));
      yield request;
    }
    // What is alive now, with the call still open.
    await setImmediate();
    collectGarbage();
    yield { ref: `kept ${sent.filter((request) => request.deref() !== undefined).length}` };
  }
  const digests: string[] = [];
  for await (const { digest } of server.client.service(content).Write(source())) digests.push(digest);
  expect(digests).toHaveLength(101);
  expect(Number(digests.at(-1)?.replace('kept ', ''))).toBeLessThan(10);
});

test('a source that fails cancels the call and throws its own error', async () => {
  async function* write(requests: AsyncIterable<{ ref: string }>) {
    for await (const { ref } of requests) yield { digest: ref };
  }
  await using server = await serve(implement(content, { Write: write }));
  const reason = new Error('disk is broken');
  async function* source() {
    yield { ref: 'a' };
    throw reason;
  }
  const exchange = (async () => {
    for await (const _ of server.client.service(content).Write(source()));
  })();
  expect(await failureOf(exchange)).toBe(reason);
});

test.each([
  ['/tmp/gantry-no-such-socket', 'no such socket'],
  ['/etc/passwd', 'not a socket'],
])('a daemon that cannot be reached at %s is named, and why', async (address, reason) => {
  using client = connect({ address, namespace: 'ns' });
  const failure = await failureOf(client.service(images).List({}));
  expect(failure).toMatchObject({
    kind: 'unavailable',
    message: `cannot connect to gantryd at ${address}: is it running? (${reason})`,
  });
});

test('a client goes on with a daemon that was restarted', async () => {
  const handlers = implement(images, { List: async () => ({}) });
  await using server = await serve(handlers);
  await server.client.service(images).List({});
  server.stop();
  expect(await failureOf(server.client.service(images).List({}))).toMatchObject({ kind: 'unavailable' });
  await server.start(handlers);
  await server.client.service(images).List({}, { waitForReady: true, timeoutMs: 10_000 });
});
