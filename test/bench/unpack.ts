import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { randomHex } from '../../base/ids.ts';
import { defaultSnapshotter } from '../../client/container/create.ts';
import { resolveImage } from '../../client/image/resolve.ts';
import { findImage } from '../../client/image/store.ts';
import { unpackImage } from '../../client/image/unpack.ts';
import type { ImageArchive } from '../helpers/image-archive.ts';
import { type MachineFile, machineFiles } from '../helpers/machine-files.ts';
import { type Shape, writeMachineImage } from '../helpers/machine-image.ts';
import type { Side } from '../helpers/side.ts';
import { median, type Pair, type Sides } from './measure.ts';
import { percentile, versionLatencies } from './probe.ts';
import type { Row } from './report.ts';

const megabyte = 1_000_000;
const rounds = 3;
const smallFileBytes = 64 * 1024;

/** One unpacking by one daemon. */
interface Sample {
  readonly wallMs: number;
  /** Of the Version RPC meanwhile, in milliseconds. */
  readonly latencies: readonly number[];
  /** The most memory that the daemon had since it began. */
  readonly peakBytes: number;
}

/** Unpacking of images that are in the content store already, made of this machine's own files. */
export async function unpack(sides: Sides): Promise<Row[]> {
  const files = await machineFiles('usr');
  const small = files.filter(({ sizeBytes }) => sizeBytes < smallFileBytes);
  const large = await race(sides, files, { count: 3, totalBytes: 680 * megabyte });
  const many = await race(sides, small, { count: 40, totalBytes: 40 * megabyte });
  const one = await race(sides, files, { count: 1, totalBytes: 1024 ** 3 }, 1);
  return [
    { what: 'unpack 680 MB in 3 gzip layers', unit: 'ms', budget: { mostOfPeer: 0.4 }, ...large.wall },
    { what: 'version meanwhile (99th percentile)', unit: 'ms', budget: { most: 20 }, ...large.latency },
    { what: 'unpack 40 small layers', unit: 'ms', budget: { mostOfPeer: 0.6 }, ...many.wall },
    { what: 'gantry unpacks 680 MB in 3 gzip layers', unit: 'ms', budget: { mostOfPeer: 0.4 }, ...large.inDaemon },
    { what: 'gantry unpacks 40 small layers', unit: 'ms', budget: { mostOfPeer: 0.6 }, ...many.inDaemon },
    { what: 'daemon, most RSS while unpacking 1 GB', unit: 'bytes', budget: { most: 250 * megabyte }, ...one.peak },
  ];
}

/**
 * Unpacks one image on both sides in turn, the first round not counted; each time in another namespace, for ext4 is slow
 * to make files for minutes after it has deleted as many.
 */
async function race(sides: Sides, files: readonly MachineFile[], { count, totalBytes }: Shape, counted = rounds) {
  const archive = join(sides.ours.daemon.folder, 'image.tar');
  const image = await writeMachineImage(archive, files, { name: imageName, compression: 'gzip', count, totalBytes });
  const samples = { ours: [] as Sample[], peer: [] as Sample[] };
  const inDaemon: number[] = [];
  for (let round = 0; round <= counted; round += 1) {
    for (const key of round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const sample = await unpackOnce(sides[key], archive, image);
      if (round > 0) samples[key].push(sample);
    }
    const wallMs = await unpackInDaemon(sides.ours, archive);
    if (round > 0) inDaemon.push(wallMs);
  }
  await rm(archive);
  const both = (value: (taken: readonly Sample[]) => number): Pair => ({
    ours: value(samples.ours),
    peer: value(samples.peer),
  });
  const wall = both((taken) => median(taken.map(({ wallMs }) => wallMs)));
  return {
    wall,
    // By our client, which leaves it to the daemon, beside containerd's.
    inDaemon: { ours: median(inDaemon), peer: wall.peer },
    latency: both((taken) =>
      percentile(
        taken.flatMap(({ latencies }) => latencies),
        99,
      ),
    ),
    peak: both((taken) => Math.max(...taken.map(({ peakBytes }) => peakBytes))),
  };
}

const imageName = 'docker.io/library/bench-unpack:latest';

/** Brings an image into a namespace of its own and unpacks it there with ctr. */
async function unpackOnce({ ctr, client, daemon }: Side, archive: string, { digest }: ImageArchive): Promise<Sample> {
  const own = ctr.in(`unpack-${randomHex(4)}`);
  await own.ok('images', 'import', '--no-unpack', archive);
  await execa('sync');
  writeFileSync(`/proc/${daemon.pid}/clear_refs`, '5'); // the peak starts anew
  const startedAt = process.hrtime.bigint();
  let wallMs = 0;
  const [file, ...args] = own.argv('snapshots', 'unpack', digest);
  const command = execa(file as string, args, { stdio: 'ignore' }).finally(() => {
    wallMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  });
  const latencies = await versionLatencies(client, command);
  const peakBytes = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]) * 1024;
  return { wallMs, latencies, peakBytes };
}

/** The same by our own client, with the daemon's own service; in milliseconds. */
async function unpackInDaemon({ ctr, client }: Side, archive: string): Promise<number> {
  const namespace = `unpack-${randomHex(4)}`;
  await ctr.in(namespace).ok('images', 'import', '--no-unpack', archive);
  await execa('sync');
  const own = client.with({ namespace });
  const startedAt = process.hrtime.bigint();
  const { target } = await findImage(own, imageName);
  await unpackImage(own, await resolveImage(own, target), { snapshotter: defaultSnapshotter });
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}
