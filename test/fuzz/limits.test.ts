import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { eventually } from '../helpers/eventually.ts';
import { answer, StoreWorld } from './world.ts';

let world: StoreWorld;
beforeAll(async () => {
  world = await StoreWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

const runtime = { name: 'io.containerd.runc.v2' };
const spec = { typeUrl: 'x', value: Buffer.from('{}') };
const data = Buffer.from('some bytes');
const digest = sha256Of(data);

test('a label of 10 MiB is refused, with the key cut short', async () => {
  const large = 'x'.repeat(10 * 1024 * 1024);
  for (const labels of [{ k: large }, { [large]: 'v' }]) {
    const container = { id: 'large', runtime, spec, labels };
    await expect(world.containers.Create({ container })).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: expect.stringMatching(/^.{0,300}$/s),
    });
  }
  expect((await answer(world.containers.Get({ id: 'large' }))).kind).toBe('not-found');
});

test('a message beyond 16 MiB is refused and the connection goes on', async () => {
  const container = { id: 'huge', runtime, spec, image: 'x'.repeat(17 * 1024 * 1024) };
  // Our own client refuses to send it, so that the answer is the same on both sides.
  expect((await answer(world.containers.Create({ container }))).kind).toBe('resource-exhausted');
  expect((await world.containers.List({})).containers).toEqual([]);
});

test('a million labels are refused, and others go on', async () => {
  const labels = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index.toString(36)}`, 'v']));
  await expect(world.containers.Create({ container: { id: 'many', runtime, spec, labels } })).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: 'create container failed validation: containers.Labels: more than 65536 labels: invalid argument',
  });
  expect((await world.containers.List({})).containers).toEqual([]);
}, 60_000);

/** One upload of a few requests; the kind of error that ended it. */
async function upload(...requests: readonly object[]): Promise<string | undefined> {
  const sent = async function* () {
    for (const request of requests) yield { ref: 'r', ...request };
  };
  const responses = world.content.Write(sent());
  try {
    for await (const _ of responses);
    return undefined;
  } catch (error) {
    return (error as { kind: string }).kind;
  } finally {
    await responses.return(undefined);
  }
}

test.each([
  ['a wrong size', { action: 'COMMIT', total: 11, offset: data.length }, 'failed-precondition'],
  ['a wrong digest', { action: 'COMMIT', expected: sha256Of('other'), offset: data.length }, 'failed-precondition'],
  ['a digest that is none', { action: 'COMMIT', expected: 'sha256:x', offset: data.length }, 'invalid-argument'],
  ['a wrong offset', { action: 'COMMIT', offset: 3 }, 'out-of-range'],
  ['an offset beyond the end', { action: 'WRITE', offset: 1_000, data }, 'out-of-range'],
  ['a negative offset', { action: 'WRITE', offset: -1, data }, 'out-of-range'],
])('a commit with %s is refused, and the right one after it goes through', async (_, wrong, kind) => {
  const write = { action: 'WRITE', data };
  expect(await upload(write, wrong)).toBe(kind);
  expect((await answer(world.content.Info({ digest }))).kind).toBe('not-found');
  const { status } = await world.content.Status({ ref: 'r' });
  expect(status?.offset).toBe(data.length);
  expect(await upload({ action: 'COMMIT', total: data.length, expected: digest, offset: data.length })).toBeUndefined();
  expect((await world.content.Info({ digest })).info?.size).toBe(data.length);
  await world.content.Delete({ digest });
});

test('the ref of a client that vanishes in the middle of a write is free at once', async () => {
  for (let round = 0; round < 50; round++) {
    const controller = new AbortController();
    const responses = world.content.Write(
      (async function* () {
        yield { action: 'WRITE' as const, ref: 'vanishing', offset: round * data.length, data };
        // Never the end of its requests.
        await delay(60_000, undefined, { signal: controller.signal }).catch(() => undefined);
      })(),
      { signal: controller.signal },
    );
    expect((await responses.next()).value?.offset).toBe((round + 1) * data.length);
    expect(await upload({ action: 'STAT', ref: 'vanishing' })).toBe('unavailable');
    controller.abort();
    await responses.next().catch(() => undefined);
    const freedAtMs = performance.now();
    await eventually(async () => expect(await upload({ action: 'STAT', ref: 'vanishing' })).toBeUndefined(), {
      intervalMs: 1,
    });
    expect(performance.now() - freedAtMs).toBeLessThan(1_000);
  }
  await world.content.Abort({ ref: 'vanishing' });
});
