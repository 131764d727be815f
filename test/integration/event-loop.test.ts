import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RequestQueue } from '../../client/content/request-queue.ts';
import { eventLoopHandlers } from '../../daemon/grpc/event-loop.ts';
import { serve } from '../helpers/grpc-server.ts';

function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test('a blocked event loop is seen by whoever measures meanwhile', async () => {
  await using server = await serve(eventLoopHandlers());
  const requests = new RequestQueue<Record<string, never>>();
  const answers = server.client.service('gantry.debug.v1.EventLoop').Measure(requests);
  const measured = async () => {
    requests.push({});
    return (await answers.next()).value;
  };
  await measured();
  await sleep(5);
  block(300);
  await sleep(5);
  const blocked = await measured();
  expect(blocked?.longestNs).toBeGreaterThan(250e6);
  expect(blocked?.longestNs).toBeLessThan(3_000e6);
  await sleep(20);
  const quiet = await measured();
  expect(quiet?.samples).toBeGreaterThan(0);
  expect(quiet?.longestNs).toBeLessThan(blocked?.longestNs ?? 0);
  requests.end();
  expect(await answers.next()).toMatchObject({ done: true });
});
