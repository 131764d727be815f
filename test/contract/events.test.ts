import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { createConnection } from 'node:net';
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { EventExchange } from '../../daemon/events/exchange.ts';
import { eventsHandlers } from '../../daemon/grpc/events.ts';
import { EventsService } from '../../daemon/services/events.ts';
import { pack, unpackKnown } from '../../proto/any.ts';
import { decode } from '../../proto/codec.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import { serviceDefinition } from '../../proto/service.ts';
import { eventually } from '../helpers/eventually.ts';
import { serve } from '../helpers/grpc-server.ts';

let stack: AsyncDisposableStack;
let exchange: EventExchange;
let client: Client;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  exchange = new EventExchange({ clock: systemClock, log: silentLogger });
  ({ client } = stack.use(await serve(eventsHandlers(new EventsService({ exchange })))));
});
afterEach(() => stack.disposeAsync());

const events = () => client.service('containerd.services.events.v1.Events');
const start = (containerId: string, pid: number) => pack('containerd.events.TaskStart', { containerId, pid });

/** A subscription whose stream is read only when asked; `position` is the header it began with. */
async function subscribe(...filters: string[]) {
  const grpc = new GrpcClient(`unix:${client.address}`, credentials.createInsecure());
  stack.defer(() => grpc.close());
  const { path, requestSerialize, responseDeserialize } = serviceDefinition(
    'containerd.services.events.v1.Events',
  ).Subscribe;
  const stream = grpc.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { filters }, new Metadata());
  stream.on('error', () => undefined);
  const headers = await new Promise<Metadata>((resolve) => stream.once('metadata', resolve));
  return { stream, position: String(headers.get('gantry-events-position')[0]) };
}

/** A subscription over plain HTTP/2 that takes in no more than flow control makes it, until it is read to its end. */
async function stalledSubscription() {
  const session = connect('http://localhost', { createConnection: () => createConnection(client.address) });
  stack.defer(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/containerd.services.events.v1.Events/Subscribe',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.alloc(5));
  await once(stream, 'response');
  let trailers: IncomingHttpHeaders = {};
  stream.once('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  const readToEnd = async () => {
    const bytes = Buffer.concat(await stream.toArray());
    const messages: Envelope[] = [];
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) {
      messages.push(decode('containerd.types.Envelope', bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1))));
    }
    return { status: trailers['grpc-status'], message: decodeURI(String(trailers['grpc-message'])), messages };
  };
  return { readToEnd };
}

function numbersOf(received: readonly Envelope[]): number[] {
  return received.map(
    ({ event }) => (unpackKnown(event ?? { typeUrl: '', value: Buffer.alloc(0) }) as { pid: number }).pid,
  );
}

test('a subscriber that comes back can tell whether it has missed events', async () => {
  const first = await subscribe();
  const [life, number] = first.position.split('/');
  expect(number).toBe('0');
  for (let pid = 0; pid < 3; pid++) await events().Publish({ topic: '/tasks/start', event: start('c', pid) });
  const received: Envelope[] = [];
  for await (const envelope of first.stream) if (received.push(envelope) === 3) break;
  // It stands where the first has come to: nothing was missed. The filter makes no difference.
  expect((await subscribe('topic=="/none"')).position).toBe(`${life}/${received.length}`);
  await events().Publish({ topic: '/tasks/start', event: start('c', 3) });
  expect((await subscribe()).position).toBe(`${life}/4`);
  const other = new EventExchange({ clock: systemClock, log: silentLogger });
  expect(other.position.split('/')[0]).not.toBe(life);
});

test('a subscriber that stalls is dropped with a clear status, and nobody waits for it', async () => {
  const total = 20_000;
  const payload = 'x'.repeat(4_096);
  const stalled = await stalledSubscription();
  const reading = await subscribe();
  const received: Envelope[] = [];
  reading.stream.on('data', (envelope: Envelope) => received.push(envelope));
  for (let pid = 0; pid < total; pid++) {
    exchange.publishAny('default', '/tasks/start', start(payload, pid));
    // As slow as the one who reads, for it is not the source that has to lose anybody.
    if (pid % 100 === 0)
      await eventually(() => expect(received.length).toBeGreaterThan(pid - 2_000), { intervalMs: 1 });
  }
  await eventually(() => expect(received.length).toBe(total));
  expect(numbersOf(received)).toEqual(Array.from({ length: total }, (_, pid) => pid));

  const { status, message, messages } = await stalled.readToEnd();
  expect(status).toBe('8');
  expect(message).toMatch(/^subscriber fell more than \d+ events behind and was dropped/);
  // What was queued for it, and what its connection had taken in: nobody keeps the rest.
  expect(messages.length).toBeGreaterThan(4_000);
  expect(messages.length).toBeLessThan(6_000);
  expect(numbersOf(messages)).toEqual(Array.from({ length: messages.length }, (_, pid) => pid));
});

test('events of one container stay in order, whoever publishes at the same time', async () => {
  const subscribers = await Promise.all([subscribe(), subscribe('event.container_id~="c-1.*"')]);
  const received = subscribers.map(({ stream }) => {
    const envelopes: Envelope[] = [];
    stream.on('data', (envelope: Envelope) => envelopes.push(envelope));
    return envelopes;
  });
  const containers = Array.from({ length: 20 }, (_, index) => `c-${index}`);
  const perContainer = 30;
  await Promise.all(
    containers.map(async (id) => {
      for (let pid = 0; pid < perContainer; pid++) {
        await events().Publish({ topic: '/tasks/start', event: start(id, pid) });
      }
    }),
  );
  await eventually(() => expect(received.map(({ length }) => length)).toEqual([600, 11 * perContainer]));
  for (const envelopes of received) {
    const byContainer = Map.groupBy(
      envelopes.map(({ event }) => unpackKnown(event as never) as { containerId: string; pid: number }),
      ({ containerId }) => containerId,
    );
    for (const [id, own] of byContainer) {
      expect(
        own.map(({ pid }) => pid),
        id,
      ).toEqual(Array.from({ length: perContainer }, (_, pid) => pid));
    }
  }
});

test('a filter that cannot be parsed ends the subscription at once', async () => {
  const failing = events().Subscribe({ filters: ['topic=='] });
  await expect(failing.next()).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringContaining('failed parsing subscription filters: filters: parse error'),
  });
});
