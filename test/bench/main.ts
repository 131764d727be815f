import { join } from 'node:path';
import { randomHex } from '../../base/ids.ts';
import { repository } from '../helpers/paths.ts';
import { memoryOf } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { collection } from './collection.ts';
import { images } from './images.ts';
import { onBoth, race, type Sides, shimMemory } from './measure.ts';
import { output } from './output.ts';
import { json, type Row, table } from './report.ts';
import { restart } from './restart.ts';
import { snapshots } from './snapshots.ts';
import { stores } from './stores.ts';
import { throughput } from './throughput.ts';
import { unpack } from './unpack.ts';

const idleContainers = 50;
const runRounds = 30;
const execRounds = 30;
const versionRounds = 20;

const decimalMegabyte = 1_000_000;

const freshId = (prefix: string) => `${prefix}-${randomHex(4)}`;

/** Shims and daemons while fifty containers sleep. */
async function memory(sides: Sides): Promise<Row[]> {
  const ids = Array.from({ length: idleContainers }, (_, index) => `idle-${index}`);
  for (const { ctr } of [sides.ours, sides.peer]) {
    for (const id of ids) await ctr.ok('run', '-d', image, id, 'sleep', '1000');
  }
  const rows: Row[] = [
    {
      what: `shim, idle, RSS (mean of ${idleContainers})`,
      unit: 'bytes',
      budget: { most: decimalMegabyte },
      ...(await onBoth(sides, (side) => shimMemory(side, 'Rss'))),
    },
    {
      what: `shim, idle, PSS (mean of ${idleContainers})`,
      unit: 'bytes',
      budget: { most: 0.25 * decimalMegabyte },
      ...(await onBoth(sides, (side) => shimMemory(side, 'Pss'))),
    },
    {
      what: `daemon, idle, RSS (${idleContainers} containers)`,
      unit: 'bytes',
      budget: { most: 120 * decimalMegabyte },
      ...(await onBoth(sides, ({ daemon }) => memoryOf(daemon.pid, 'Rss'))),
    },
  ];
  await sides.ours.remove(...ids);
  await sides.peer.remove(...ids);
  return rows;
}

/** Wall times of commands, ours and the peer's in turn. */
async function times({ ours, peer }: Sides): Promise<Row[]> {
  const gantry = join(repository, 'bin/gantry');
  const run = ({ ctr }: Side) => ctr.argv('run', '--rm', image, freshId('run'), 'true');
  const exec = ({ ctr }: Side) => ctr.argv('tasks', 'exec', '--exec-id', freshId('exec'), 'host', 'true');
  const version = await race(
    versionRounds,
    () => [gantry, '--address', ours.daemon.address, 'version'],
    () => ['ctr', '-a', peer.daemon.address, 'version'],
  );
  const runs = await race(
    runRounds,
    () => run(ours),
    () => run(peer),
  );
  for (const { ctr } of [ours, peer]) await ctr.ok('run', '-d', image, 'host', 'sleep', '1000');
  const execs = await race(
    execRounds,
    () => exec(ours),
    () => exec(peer),
  );
  for (const side of [ours, peer]) await side.remove('host');
  return [
    { what: 'gantry version (peer: ctr version)', unit: 'ms', budget: { most: 100 }, ...version },
    { what: 'ctr run --rm … true', unit: 'ms', budget: { mostOfPeer: 0.9 }, ...runs },
    { what: 'ctr tasks exec … true', unit: 'ms', budget: { mostOfPeer: 0.9 }, ...execs },
  ];
}

await using ours = await Side.start('gantryd', { image: true });
await using peer = await Side.start('containerd', { image: true });
const sides = { ours, peer };
const sections: Readonly<Record<string, (sides: Sides) => Promise<Row[]>>> = {
  ...{ memory, times, throughput, output, collection, snapshots, stores, unpack, images, restart },
};
const rows: Row[] = [];
for (const [name, section] of Object.entries(sections)) if (asked(name)) rows.push(...(await section(sides)));
console.log(process.argv.includes('--json') ? json(rows) : table(rows));

/** Whether `--only NAME,...` leaves a section in. */
function asked(name: string): boolean {
  const at = process.argv.indexOf('--only');
  return at < 0 || (process.argv[at + 1] ?? '').split(',').includes(name);
}
