import type { Client } from '../../client/client.ts';
import { RequestQueue } from '../../client/content/request-queue.ts';

/** Times the Version RPC over and over while something else goes on; the result is in milliseconds. */
export async function versionLatencies(client: Client, meanwhile: Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  let running = true;
  const ended = meanwhile.finally(() => {
    running = false;
  });
  const version = client.service('containerd.services.version.v1.Version');
  // Nobody waits for it until the probe is done.
  ended.catch(() => undefined);
  while (running) {
    const startedAt = process.hrtime.bigint();
    await version.Version({});
    latencies.push(Number(process.hrtime.bigint() - startedAt) / 1e6);
  }
  await ended;
  return latencies;
}

/** The value that `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil((sorted.length * percent) / 100) - 1, 0)] ?? Number.NaN;
}

/** The longest time in milliseconds that our daemon's event loop was blocked while something was done. */
export async function loopDelay(client: Client, work: () => Promise<unknown>): Promise<number> {
  const requests = new RequestQueue<Record<string, never>>();
  const answers = client.service('gantry.debug.v1.EventLoop').Measure(requests);
  const measured = async () => {
    requests.push({});
    return (await answers.next()).value?.longestNs ?? Number.NaN;
  };
  await measured();
  await work();
  const longestNs = await measured();
  requests.end();
  await answers.next();
  return longestNs / 1e6;
}
