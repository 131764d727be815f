import { randomHex } from '../../base/ids.ts';
import type { Side } from '../helpers/side.ts';
import { median, type Sides } from './measure.ts';
import type { Row } from './report.ts';

const rounds = 200;
/** Of each side, not counted. */
const warmUps = 20;

const snapshotter = 'overlayfs';
const labels = { 'containerd.io/gc.root': 'bench' };

/** A writable snapshot on a parent, its mounts, and its removal: what a container costs its snapshotter. */
export async function snapshots(sides: Sides): Promise<Row[]> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (const side of [sides.ours, sides.peer]) await makeParent(side);
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const key of round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const taken = await once(sides[key]);
      if (round >= 0) times[key].push(taken);
    }
  }
  for (const { client } of [sides.ours, sides.peer]) await service(client).Remove({ snapshotter, key: 'bench-parent' });
  const medians = { ours: median(times.ours), peer: median(times.peer) };
  return [{ what: 'snapshot: Prepare + Mounts + Remove', unit: 'ms', budget: { mostOfPeer: 1 }, ...medians }];
}

const service = (client: Side['client']) => client.service('containerd.services.snapshots.v1.Snapshots');

async function makeParent({ client }: Side): Promise<void> {
  await service(client).Prepare({ snapshotter, key: 'bench-key', labels });
  await service(client).Commit({ snapshotter, key: 'bench-key', name: 'bench-parent', labels });
}

/** Milliseconds of the three calls. */
async function once({ client }: Side): Promise<number> {
  const rpcs = service(client);
  const key = `bench-${randomHex(6)}`;
  const startedAt = process.hrtime.bigint();
  await rpcs.Prepare({ snapshotter, key, parent: 'bench-parent', labels });
  await rpcs.Mounts({ snapshotter, key });
  await rpcs.Remove({ snapshotter, key });
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}
