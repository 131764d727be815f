import { sha256Of } from '../../base/digest.ts';
import type { Client } from '../../client/client.ts';
import type { Side } from '../helpers/side.ts';
import type { Pair, Sides } from './measure.ts';
import { loopDelay, percentile, versionLatencies } from './probe.ts';
import type { Row } from './report.ts';

const blobCount = 10_000;
const chainCount = 100;
const chainLength = 10;
/** Requests under way at once while the garbage is made. */
const fillers = 16;
const lease = 'bench-garbage';

/** Ten thousand blobs and a thousand snapshots whose lease is deleted: until all is gone, and who has to wait meanwhile. */
export async function collection({ ours, peer }: Sides): Promise<Row[]> {
  const [mine, theirs] = [await collect(ours), await collect(peer)];
  const pair = (value: (sample: Sample) => number): Pair => ({ ours: value(mine), peer: value(theirs) });
  const what = `collect ${blobCount} blobs, ${chainCount * chainLength} snapshots`;
  return [
    { what, unit: 'ms', budget: { mostOfPeer: 1 }, ...pair(({ wallMs }) => wallMs) },
    {
      what: 'version meanwhile (99th percentile)',
      unit: 'ms',
      budget: { most: 20 },
      ...pair(({ latencies }) => percentile(latencies, 99)),
    },
    {
      what: 'version meanwhile (longest)',
      unit: 'ms',
      budget: { most: 50 },
      ...pair(({ latencies }) => percentile(latencies, 100)),
    },
    {
      what: 'event loop blocked meanwhile (longest)',
      unit: 'ms',
      budget: { most: 50 },
      ...pair(({ loopMs }) => loopMs),
    },
  ];
}

interface Sample {
  readonly wallMs: number;
  /** Of the Version RPC meanwhile, in milliseconds. */
  readonly latencies: readonly number[];
  /** The longest that the event loop was blocked; not a number for a daemon that has none. */
  readonly loopMs: number;
}

async function collect({ client, kind }: Side): Promise<Sample> {
  const leases = client.service('containerd.services.leases.v1.Leases');
  await leases.Create({ id: lease });
  await fill(client.with({ leaseId: lease }));
  let sample = { wallMs: 0, latencies: [] as readonly number[] };
  const work = async () => {
    const startedAt = process.hrtime.bigint();
    let wallMs = 0;
    const deleted = leases.Delete({ id: lease, sync: true }).finally(() => {
      wallMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
    });
    const latencies = await versionLatencies(client, deleted);
    sample = { wallMs, latencies };
  };
  const loopMs = kind === 'gantryd' ? await loopDelay(client, work) : await work().then(() => Number.NaN);
  return { ...sample, loopMs };
}

async function fill(client: Client): Promise<void> {
  const jobs = [
    ...Array.from({ length: blobCount }, (_, number) => () => blob(client, `garbage ${number}`)),
    ...Array.from({ length: chainCount }, (_, number) => () => chain(client, `garbage-${number}`)),
  ].values();
  const work = async () => {
    for (const job of jobs) await job();
  };
  await Promise.all(Array.from({ length: fillers }, work));
}

async function blob(client: Client, text: string): Promise<void> {
  const content = client.service('containerd.services.content.v1.Content');
  const data = Buffer.from(text);
  const expected = sha256Of(data);
  async function* requests() {
    yield { action: 'COMMIT' as const, ref: expected, total: data.length, expected, offset: 0, data };
  }
  for await (const _ of content.Write(requests()));
}

async function chain(client: Client, name: string): Promise<void> {
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const snapshotter = 'overlayfs';
  for (let layer = 0; layer < chainLength; layer += 1) {
    const key = `${name}-active`;
    await snapshots.Prepare({ snapshotter, key, parent: layer === 0 ? '' : `${name}-${layer - 1}` });
    await snapshots.Commit({ snapshotter, key, name: `${name}-${layer}` });
  }
}
