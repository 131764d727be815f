import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { pack } from '../../proto/any.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import { EventExchange } from './exchange.ts';

const fixedClock = { now: () => 1_700_000_000_000_000_005n };

function exchange() {
  return new EventExchange({ clock: fixedClock, log: silentLogger });
}

async function take(events: AsyncIterable<Envelope>, count: number): Promise<Envelope[]> {
  const taken: Envelope[] = [];
  for await (const envelope of events) {
    taken.push(envelope);
    if (taken.length === count) break;
  }
  return taken;
}

test('every subscriber gets every event, in order, stamped with the time of publishing', async () => {
  const events = exchange();
  const { signal } = new AbortController();
  const subscriptions = [events.subscribe([], signal), events.subscribe([], signal)];
  events.publish('one', '/tasks/start', 'containerd.events.TaskStart', { containerId: 'a', pid: 1 });
  events.publish('two', '/images/delete', 'containerd.services.images.v1.ImageDelete', { name: 'b' });
  for (const subscription of subscriptions) {
    const taken = await take(subscription, 2);
    expect(taken.map(({ namespace, topic }) => [namespace, topic])).toEqual([
      ['one', '/tasks/start'],
      ['two', '/images/delete'],
    ]);
    expect(taken[0]?.timestamp).toEqual({ seconds: 1_700_000_000, nanos: 5 });
    expect(taken[0]?.event?.typeUrl).toBe('containerd.events.TaskStart');
  }
});

test.each([
  ['topic=="/tasks/exit"', ['x']],
  ['namespace==two', ['y']],
  ['event.container_id==x', ['x']],
  ['event.id==y', ['y']],
  ['event.nothing', []],
])('the filter %s lets through %j', async (filter, expected) => {
  const events = exchange();
  const { signal } = new AbortController();
  const subscription = events.subscribe([filter, 'topic=="/end"'], signal);
  events.publish('one', '/tasks/exit', 'containerd.events.TaskExit', { containerId: 'x', id: 'x' });
  events.publish('two', '/tasks/create', 'containerd.events.TaskExit', { containerId: 'z', id: 'y' });
  events.publish('end', '/end', 'containerd.events.TaskExit', {});
  const namespaces: Record<string, string> = { x: 'one', y: 'two' };
  const taken = await take(subscription, expected.length + 1);
  expect(taken.map(({ namespace }) => namespace)).toEqual([...expected.map((name) => namespaces[name]), 'end']);
});

test('a filter on labels takes keys with dots', async () => {
  const events = exchange();
  const subscription = events.subscribe(['event.labels.a.b==c'], new AbortController().signal);
  const type = 'containerd.services.images.v1.ImageCreate';
  events.publish('n', '/images/create', type, { name: 'no' });
  events.publish('n', '/images/create', type, { name: 'yes', labels: { 'a.b': 'c' } });
  const [envelope] = await take(subscription, 1);
  expect(envelope?.event?.value.toString()).toContain('yes');
});

test('a subscriber that does not read is dropped, and only that one', async () => {
  const events = exchange();
  const { signal } = new AbortController();
  const slow = events.subscribe([], signal);
  for (let index = 0; index < 5000; index++) {
    events.publish('n', '/tasks/start', 'containerd.events.TaskStart', { pid: index });
  }
  const fresh = events.subscribe([], signal);
  events.publish('n', '/tasks/start', 'containerd.events.TaskStart', {});
  expect(await take(fresh, 1)).toHaveLength(1);
  await expect(take(slow, 5000)).rejects.toMatchObject({ kind: 'resource-exhausted' });
});

test('a subscriber is dropped for few events that are large', async () => {
  const events = exchange();
  const slow = events.subscribe([], new AbortController().signal);
  const containerId = 'x'.repeat(10_000_000);
  for (let pid = 0; pid < 5; pid++) events.publish('n', '/tasks/start', 'containerd.events.TaskStart', { containerId });
  let received = 0;
  const reading = (async () => {
    for await (const _ of slow) received++;
  })();
  await expect(reading).rejects.toMatchObject({ kind: 'resource-exhausted' });
  expect(received).toBe(3);
});

test('what a subscriber has read makes room for more', async () => {
  const events = exchange();
  const reader = events.subscribe([], new AbortController().signal);
  const containerId = 'x'.repeat(10_000_000);
  for (let round = 0; round < 10; round++) {
    for (let pid = 0; pid < 3; pid++)
      events.publish('n', '/tasks/start', 'containerd.events.TaskStart', { containerId });
    expect(await take(reader, 3)).toHaveLength(3);
  }
});

test('the position counts events of any kind, within one life', () => {
  const events = exchange();
  const [life, number] = events.position.split('/');
  expect([life, number]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), '0']);
  events.publish('n', '/tasks/start', 'containerd.events.TaskStart', {});
  expect(events.position).toBe(`${life}/1`);
  expect(exchange().position).not.toContain(life);
});

test('aborting ends the iteration', async () => {
  const controller = new AbortController();
  const all = take(exchange().subscribe([], controller.signal), 1);
  controller.abort();
  expect(await all).toEqual([]);
});

test('forwarding keeps what the publisher said and refuses what is incomplete', async () => {
  const events = exchange();
  const subscription = events.subscribe([], new AbortController().signal);
  const envelope: Envelope = {
    timestamp: { seconds: 5, nanos: 6 },
    namespace: 'n',
    topic: '/tasks/exit',
    event: pack('containerd.events.TaskExit', { pid: 3 }),
  };
  events.forward(envelope);
  expect(await take(subscription, 1)).toEqual([envelope]);
  const invalid = expect.objectContaining({ kind: 'invalid-argument' });
  expect(() => events.forward({ ...envelope, timestamp: null })).toThrow(invalid);
  expect(() => events.forward({ ...envelope, namespace: '../x' })).toThrow(invalid);
  expect(() => events.forward({ ...envelope, topic: 'x' })).toThrow(invalid);
});

test('who subscribes while events are kept for it is told first what it missed, and stands where they begin', async () => {
  const events = exchange();
  const { signal } = new AbortController();
  const publish = (containerId: string) =>
    events.publish('one', '/tasks/exit', 'containerd.events.TaskExit', { containerId, id: containerId });
  publish('earlier');
  const early = events.subscribe([], signal);
  using _kept = events.keepForReturning(60_000);
  publish('a');
  publish('b');
  expect(events.position).toMatch(/\/1$/);
  const late = [
    events.subscribe([], signal),
    events.subscribe(['event.container_id==b', 'event.container_id==c'], signal),
  ];
  publish('c');
  const seen = async (subscription: AsyncIterable<Envelope>, count: number) =>
    (await take(subscription, count)).map(({ event }) => event?.value.toString('latin1').replaceAll(/[^abc]/g, '')[0]);
  expect(await seen(early, 3)).toEqual(['a', 'b', 'c']);
  expect(await seen(late[0] as AsyncIterable<Envelope>, 3)).toEqual(['a', 'b', 'c']);
  expect(await seen(late[1] as AsyncIterable<Envelope>, 2)).toEqual(['b', 'c']);
});

test('after a while nothing is kept any more', () => {
  vi.useFakeTimers();
  try {
    const events = exchange();
    using _kept = events.keepForReturning(1_000);
    events.publish('one', '/tasks/exit', 'containerd.events.TaskExit', {});
    expect(events.position).toMatch(/\/0$/);
    vi.advanceTimersByTime(1_000);
    expect(events.position).toMatch(/\/1$/);
  } finally {
    vi.useRealTimers();
  }
});
