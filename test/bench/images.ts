import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { DaemonKind } from '../helpers/daemon.ts';
import { machineFiles } from '../helpers/machine-files.ts';
import { type Shape, writeMachineImage } from '../helpers/machine-image.ts';
import { repository, shortTempFolder } from '../helpers/paths.ts';
import { Registry } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { median, type Pair } from './measure.ts';
import type { Row } from './report.ts';

const megabyte = 1_000_000;
const rounds = 3;
const pullsAtOnce = 10;
const smallFileBytes = 64 * 1024;
const name = 'docker.io/library/bench:latest';

/** Pull with unpacking from, and push to, Debian's docker-registry on loopback. */
export async function images(): Promise<Row[]> {
  const files = await machineFiles('usr');
  const small = files.filter(({ sizeBytes }) => sizeBytes < smallFileBytes);
  await using bench = await Bench.open();
  const large = await bench.publish('large', files, { count: 3, totalBytes: 680 * megabyte });
  const many = await bench.publish('many', small, { count: 40, totalBytes: 40 * megabyte });
  const huge = await bench.publish('huge', files, { count: 4, totalBytes: 2_000 * megabyte }, 'zstd');
  const [largeByCtr, manyByCtr] = [await bench.race(large, byCtr), await bench.race(many, byCtr)];
  const [largeByUs, manyByUs] = [await bench.median(large, byUs), await bench.median(many, byUs)];
  const half = { unit: 'ms', budget: { mostOfPeer: 0.5 } } as const;
  return [
    { what: 'pull 680 MB in 3 layers (ctr)', ...half, ...largeByCtr },
    { what: 'pull 40 small layers (ctr)', ...half, ...manyByCtr },
    { what: 'pull 680 MB in 3 layers (gantry; peer: ctr)', ...half, ours: largeByUs, peer: largeByCtr.peer },
    { what: 'pull 40 small layers (gantry; peer: ctr)', ...half, ours: manyByUs, peer: manyByCtr.peer },
    {
      what: `${pullsAtOnce} pulls at once (gantry; peer: one of them)`,
      unit: 'ms',
      budget: { mostOfPeer: 1.3 },
      ...{ ours: await bench.median(large, manyByUsAtOnce), peer: largeByUs },
    },
    {
      what: 'push 680 MB in 3 layers (gantry; peer: ctr)',
      unit: 'ms',
      budget: { mostOfPeer: 1 },
      ...(await bench.push(large)),
    },
    {
      what: 'daemon, most RSS while pulling 2 GB',
      unit: 'bytes',
      budget: { most: 250 * megabyte },
      ...(await bench.peak(huge)),
    },
  ];
}

/** One way to pull; the whole command line. */
type Puller = (side: Side, reference: string) => readonly (readonly string[])[];

const byCtr: Puller = ({ ctr }, reference) => [ctr.argv('images', 'pull', '--plain-http', reference)];
const gantry = (side: Side, ...args: string[]) => [
  ...[join(repository, 'bin/gantry'), '--address', side.daemon.address, '--namespace', side.namespace, ...args],
];
const byUs: Puller = (side, reference) => [gantry(side, 'pull', '--quiet', reference)];
const manyByUsAtOnce: Puller = (side, reference) =>
  Array.from({ length: pullsAtOnce }, () => gantry(side, 'pull', '--quiet', reference));

/** A registry, and daemons that start with nothing for each measurement. */
class Bench implements AsyncDisposable {
  readonly #folder: string;
  readonly #registry: Registry;
  #roots = 0;

  private constructor(folder: string, registry: Registry) {
    this.#folder = folder;
    this.#registry = registry;
  }

  static async open(): Promise<Bench> {
    return new Bench(shortTempFolder(), await Registry.start());
  }

  /** Makes an image and gives its reference in the registry. */
  async publish(
    repositoryName: string,
    files: Parameters<typeof writeMachineImage>[1],
    shape: Shape,
    compression: 'gzip' | 'zstd' = 'gzip',
  ): Promise<string> {
    const archive = join(this.#folder, 'image.tar');
    await writeMachineImage(archive, files, { ...shape, name, compression });
    const reference = `${this.#registry.host}/${repositoryName}:latest`;
    await execa('skopeo', ['copy', '--dest-tls-verify=false', `oci-archive:${archive}`, `docker://${reference}`]);
    await rm(archive);
    return reference;
  }

  /** Both daemons in turn, the first round not counted; medians in milliseconds. */
  async race(reference: string, puller: Puller): Promise<Pair> {
    const taken = { ours: [] as number[], peer: [] as number[] };
    for (let round = 0; round <= rounds; round += 1) {
      const order = round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
      for (const key of order) {
        const kind = key === 'ours' ? 'gantryd' : 'containerd';
        const wallMs = await this.#onFresh(kind, (side) => timed(puller(side, reference)));
        if (round > 0) taken[key].push(wallMs);
      }
    }
    return { ours: median(taken.ours), peer: median(taken.peer) };
  }

  /** Ours alone, the first round not counted. */
  async median(reference: string, puller: Puller): Promise<number> {
    const taken: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const wallMs = await this.#onFresh('gantryd', (side) => timed(puller(side, reference)));
      if (round > 0) taken.push(wallMs);
    }
    return median(taken);
  }

  /** Pushes what was pulled to a registry that has nothing of it. */
  async push(reference: string): Promise<Pair> {
    const taken = { ours: [] as number[], peer: [] as number[] };
    for (let round = 0; round <= rounds; round += 1) {
      const byPeer = await this.#onFresh('containerd', (side) =>
        this.#pushTo(side, reference, (target) => side.ctr.argv('images', 'push', '--plain-http', target, reference)),
      );
      const byOurs = await this.#onFresh('gantryd', (side) =>
        this.#pushTo(side, reference, (target) => gantry(side, 'push', '--quiet', target)),
      );
      if (round > 0) {
        taken.ours.push(byOurs);
        taken.peer.push(byPeer);
      }
    }
    return { ours: median(taken.ours), peer: median(taken.peer) };
  }

  /** The most memory that either daemon has during a pull, in bytes. */
  async peak(reference: string): Promise<Pair> {
    const of = (kind: DaemonKind, puller: Puller) =>
      this.#onFresh(kind, async (side) => {
        writeFileSync(`/proc/${side.daemon.pid}/clear_refs`, '5');
        await timed(puller(side, reference));
        return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${side.daemon.pid}/status`, 'utf8'))?.[1]) * 1024;
      });
    return { ours: await of('gantryd', byUs), peer: await of('containerd', byCtr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }

  async #pushTo(side: Side, reference: string, command: (target: string) => readonly string[]): Promise<number> {
    await timed(byCtr(side, reference));
    await using empty = await Registry.start();
    const target = `${empty.host}/pushed:latest`;
    await side.ctr.ok('images', 'tag', reference, target);
    return await timed([command(target)]);
  }

  /** A root of its own each time, removed at the end: ext4 is slow to make files for minutes after it has deleted as many. */
  async #onFresh(kind: DaemonKind, measure: (side: Side) => Promise<number>): Promise<number> {
    this.#roots += 1;
    const root = join(this.#folder, `root-${this.#roots}`);
    await using side = await Side.start(kind, { daemon: { root } });
    await execa('sync');
    return await measure(side);
  }
}

/** Wall time in milliseconds of commands that run at once and have to succeed. */
async function timed(commands: readonly (readonly string[])[]): Promise<number> {
  const startedAt = process.hrtime.bigint();
  await Promise.all(commands.map(([file, ...args]) => execa(file as string, args, { stdio: 'ignore' })));
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}
