import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { packJson } from '../../proto/any.ts';
import type { Side } from '../helpers/side.ts';
import { median, onBoth, type Pair, race, type Sides } from './measure.ts';
import { loopDelay, percentile, versionLatencies } from './probe.ts';
import type { Row } from './report.ts';

const blobBytes = 1024 ** 3;
const readBytes = 300_000_000;
const writeRounds = 3;
const readRounds = 3;
const recordCount = 10_000;
/** Requests under way at once while a store is filled. */
const fillers = 64;
const listRounds = 5;

/** What takes long when there is much of it. Both daemons are left with the records. */
export async function stores(sides: Sides): Promise<Row[]> {
  return [...(await content(sides)), ...(await records(sides))];
}

/** A blob of a gibibyte, and one of 300 MB read back in the small ranges that ctr asks for. */
async function content(sides: Sides): Promise<Row[]> {
  const path = join(sides.ours.daemon.folder, 'blob');
  const writes = await onBothSamples(sides, writeRounds, (side) => write(side, path));
  const small = await noise(path, readBytes);
  for (const side of [sides.ours, sides.peer]) await ingest(side, path, small);
  const get = ({ ctr }: Side) => ['sh', '-c', 'exec "$@" >/dev/null', 'sh', ...ctr.argv('content', 'get', small)];
  const read = await race(
    readRounds,
    () => get(sides.ours),
    () => get(sides.peer),
  );
  for (const side of [sides.ours, sides.peer]) await side.ctr.ok('content', 'rm', small);
  await rm(path);
  return [
    { what: 'write a blob of 1 GiB', unit: 'ms', budget: { mostOfPeer: 1 / 0.7 }, ...writes.wall },
    { what: 'version meanwhile (99th percentile)', unit: 'ms', budget: { most: 20 }, ...writes.latency },
    { what: 'ctr content get of 300 MB', unit: 'ms', budget: { mostOfPeer: 1.5 }, ...read },
  ];
}

/** Ten thousand images and containers: listed, and a start with them. */
async function records(sides: Sides): Promise<Row[]> {
  for (const side of [sides.ours, sides.peer]) await fill(side);
  const rows: Row[] = [];
  for (const noun of ['images', 'containers']) {
    const list = await onBothSamples(sides, listRounds, (side) => measured(side, side.ctr.argv(noun, 'ls', '-q')));
    const what = `ctr ${noun} ls of ${recordCount}`;
    rows.push(
      { what, unit: 'ms', budget: { mostOfPeer: 1.5 }, ...list.wall },
      { what: 'version meanwhile (longest)', unit: 'ms', budget: { most: 50 }, ...list.longest },
    );
    const [file = '', ...args] = sides.ours.ctr.argv(noun, 'ls', '-q');
    const loopMs = await loopDelay(sides.ours.client, () => execa(file, args, { stdio: 'ignore' }));
    const blocked = { ours: loopMs, peer: Number.NaN };
    rows.push({ what: 'event loop blocked meanwhile (longest)', unit: 'ms', budget: { most: 50 }, ...blocked });
  }
  const restart = await onBoth(sides, async ({ daemon, client }) => {
    await daemon.kill();
    const startedAt = process.hrtime.bigint();
    await daemon.start();
    await client.service('containerd.services.version.v1.Version').Version({}, { waitForReady: true });
    return Number(process.hrtime.bigint() - startedAt) / 1e6;
  });
  rows.push({ what: `start with ${recordCount} containers`, unit: 'ms', budget: { most: 1_000 }, ...restart });
  return rows;
}

/** One measured command on a daemon. */
interface Sample {
  readonly wallMs: number;
  /** Of the Version RPC meanwhile, in milliseconds. */
  readonly latencies: readonly number[];
}

/** Runs a command, asking for the version all along. */
async function measured({ client }: Side, [file, ...args]: readonly string[]): Promise<Sample> {
  const startedAt = process.hrtime.bigint();
  let wallMs = 0;
  const command = execa(file as string, args, { stdio: 'ignore' }).finally(() => {
    wallMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  });
  const latencies = await versionLatencies(client, command);
  return { wallMs, latencies };
}

/** Takes samples of both daemons in turn. */
async function onBothSamples(
  sides: Sides,
  rounds: number,
  take: (side: Side) => Promise<Sample>,
): Promise<{ wall: Pair; latency: Pair; longest: Pair }> {
  const samples = { ours: [] as Sample[], peer: [] as Sample[] };
  for (let round = 0; round < rounds; round++) {
    for (const key of round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      samples[key].push(await take(sides[key]));
    }
  }
  const both = (value: (samples: readonly Sample[]) => number): Pair => ({
    ours: value(samples.ours),
    peer: value(samples.peer),
  });
  const latencies = (taken: readonly Sample[]) => taken.flatMap((sample) => sample.latencies);
  return {
    wall: both((taken) => median(taken.map(({ wallMs }) => wallMs))),
    latency: both((taken) => percentile(latencies(taken), 99)),
    longest: both((taken) => percentile(latencies(taken), 100)),
  };
}

/** Fills a file with bytes that do not compress and returns their digest. */
async function noise(path: string, sizeBytes: number): Promise<string> {
  await execa('sh', ['-c', `head -c ${sizeBytes} /dev/urandom >"$0"`, path]);
  const { stdout } = await execa('sha256sum', [path]);
  return `sha256:${stdout.slice(0, 64)}`;
}

function ingestArgv({ ctr }: Side, path: string, digest: string): string[] {
  const argv = ctr.argv('content', 'ingest', '--expected-digest', digest, `bench-${digest}`);
  return ['sh', '-c', 'exec "$@" <"$0"', path, ...argv];
}

async function ingest(side: Side, path: string, digest: string): Promise<void> {
  const [file, ...args] = ingestArgv(side, path, digest);
  await execa(file as string, args);
}

/** Always other bytes: those of a deleted blob are kept for a while, and then need not be written again. */
async function write(side: Side, path: string): Promise<Sample> {
  const digest = await noise(path, blobBytes);
  const sample = await measured(side, ingestArgv(side, path, digest));
  await side.ctr.ok('content', 'rm', digest);
  return sample;
}

async function fill({ client }: Side): Promise<void> {
  const images = client.service('containerd.services.images.v1.Images');
  const containers = client.service('containerd.services.containers.v1.Containers');
  const target = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
  const runtime = { name: 'io.containerd.runc.v2' };
  const spec = packJson('types.containerd.io/opencontainers/runtime-spec/1/Spec', { ociVersion: '1.0.2' });
  let next = 0;
  const work = async () => {
    while (next < recordCount) {
      const number = next++;
      await images.Create({ image: { name: `example.org/image:${number}`, target } });
      await containers.Create({ container: { id: `c-${number}`, runtime, spec, labels: { number: String(number) } } });
    }
  };
  await Promise.all(Array.from({ length: fillers }, work));
}
