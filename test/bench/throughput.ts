import { execa } from 'execa';
import { randomHex } from '../../base/ids.ts';
import { image, type Side } from '../helpers/side.ts';
import { median, type Sides } from './measure.ts';
import type { Row } from './report.ts';

const atOnce = 8;
const containersPerRound = 40;
const rounds = 4;

/** Wall time per container that is started, ends at once and is removed, eight at a time, ours and the peer's in turn. */
export async function throughput(sides: Sides): Promise<Row[]> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const taken = await roundMs(sides[name]);
      if (round > 0) times[name].push(taken / containersPerRound);
    }
  }
  return [
    {
      what: `ctr run --rm … true, ${atOnce} at once, per container`,
      unit: 'ms',
      budget: { mostOfPeer: 1 / 1.6 },
      ours: median(times.ours),
      peer: median(times.peer),
    },
  ];
}

async function roundMs({ ctr }: Side): Promise<number> {
  const ids = Array.from({ length: containersPerRound }, () => `many-${randomHex(6)}`).values();
  const work = async () => {
    for (const id of ids) {
      const [file = '', ...args] = ctr.argv('run', '--rm', image, id, 'true');
      await execa(file, args, { stdin: 'ignore' });
    }
  };
  const startedAt = process.hrtime.bigint();
  await Promise.all(Array.from({ length: atOnce }, work));
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}
