import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type BusyboxImageOptions, busyboxImage, busyboxImageName, writeArchive } from '../../scripts/busybox-image.ts';
import { Ctr } from './ctr.ts';
import { Daemon, type DaemonKind, type DaemonOptions } from './daemon.ts';
import { expectNothingLeft, removeNamespaceFolders } from './leak-guard.ts';

/** One of the two daemons that a scenario runs against. */
export interface Side {
  readonly kind: DaemonKind;
  readonly daemon: Daemon;
  /** Debian's client in this file's own namespace. */
  readonly ctr: Ctr;
  readonly namespace: string;
  /** Text with what cannot be the same on both sides (paths, times, namespace) replaced. */
  normalise(text: string): string;
}

/** What a file of scenarios starts with. */
export interface BothOptions {
  /** Imports the image of busybox first; options change the image. */
  readonly image?: true | BusyboxImageOptions;
  readonly daemon?: DaemonOptions;
}

/** Name of the image that `image` imports. */
export const image = busyboxImageName;

const kinds: readonly DaemonKind[] = ['containerd', 'gantryd'];

function sideOf(kind: DaemonKind, daemon: Daemon): Side {
  // Of one length on both sides, so that tables are equally wide.
  const namespace = `gt-${randomBytes(4).toString('hex')}`;
  const normalise = (text: string) =>
    text
      .replaceAll(daemon.folder, '<folder>')
      .replaceAll(namespace, '<namespace>')
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)/g, '<time>');
  return { kind, daemon, namespace, normalise, ctr: new Ctr(daemon, namespace) };
}

async function importImage(side: Side, options: BusyboxImageOptions): Promise<void> {
  const archive = join(side.daemon.folder, 'image.tar');
  await writeArchive(archive, await busyboxImage(options));
  await side.ctr.ok('images', 'import', archive);
  await collectGarbage(side.ctr);
}

/** Runs a garbage collection and waits for it, so that none that was due falls into a scenario. */
async function collectGarbage(ctr: Ctr): Promise<void> {
  await ctr.ok('leases', 'create', '--id', 'collect-garbage');
  await ctr.ok('leases', 'rm', '--sync', 'collect-garbage');
}

async function startSide(kind: DaemonKind, options: BothOptions): Promise<Side> {
  const side = sideOf(kind, await Daemon.start(kind, options.daemon));
  if (options.image !== undefined) await importImage(side, options.image === true ? {} : options.image);
  return side;
}

/** Stops the daemon of a side; throws if its containers left anything. */
async function finishSide({ daemon, namespace }: Side): Promise<void> {
  try {
    await expectNothingLeft(daemon, [namespace]);
  } finally {
    await daemon.close();
    removeNamespaceFolders([namespace]);
  }
}

/**
 * Gives both daemons to the scenarios of a file. Each scenario becomes one test per daemon: the peer's run shows that
 * the test itself is right, ours that Gantry is. What the scenario returns (normalise it) must be equal on both sides.
 * A daemon starts for the first scenario; at the end nothing may be left of the file's containers.
 */
export function bothDaemons(options: BothOptions = {}) {
  const sides = new Map<DaemonKind, Promise<Side>>();

  afterAll(async () => {
    const outcomes = await Promise.allSettled([...sides.values()].map(async (side) => finishSide(await side)));
    const problems = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
    if (problems.length > 0) throw new AggregateError(problems, problems.map(String).join('\n'));
  });

  function sideFor(kind: DaemonKind): Promise<Side> {
    const side = sides.get(kind) ?? startSide(kind, options);
    sides.set(kind, side);
    return side;
  }

  /** Declares a scenario. */
  function scenario(name: string, body: (side: Side) => Promise<unknown>): void {
    const peerResult = { known: false, value: undefined as unknown };
    for (const kind of kinds) {
      test(`${name} · ${kind}`, async ({ onTestFailed }) => {
        const side = await sideFor(kind);
        const logged = side.daemon.log.length;
        onTestFailed(() => console.error(`${kind} logged:\n${lastLines(side.daemon.log.slice(logged))}`));
        const result = await body(side);
        if (kind === 'containerd') Object.assign(peerResult, { known: true, value: result });
        else if (peerResult.known) expect(result, "differs from containerd's").toEqual(peerResult.value);
      });
    }
  }

  return { scenario };
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
