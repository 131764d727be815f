import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { examineBlobs } from './blobs.ts';
import { examineBundles } from './bundles.ts';
import { examineDamage } from './damage.ts';
import { examineIngests } from './ingests.ts';
import { examineMounts } from './mounts.ts';
import { examineRuntimeState } from './runtime-state.ts';
import { examineShims } from './shims.ts';
import { examineSnapshots } from './snapshots.ts';
import { examineSockets } from './sockets.ts';
import { type Finding, identityOf, type Suspect, suspectKinds } from './suspect.ts';
import { verifyBlobs } from './verify-blobs.ts';
import type { World } from './world.ts';

const examinations = [
  examineDamage,
  examineBundles,
  examineShims,
  examineRuntimeState,
  examineMounts,
  examineSockets,
  examineSnapshots,
  examineIngests,
  examineBlobs,
];

export interface CheckOptions {
  readonly repair: boolean;
  /** Read every blob and compare it with its digest. */
  readonly verify: boolean;
}

export interface DoctorOptions {
  /** Time between the two looks: longer than anything is on disk without its record, or the other way round. */
  readonly graceMs: number;
}

/**
 * Finds what nobody owns. One look at a daemon at work sees many things half done, so what it suspects is looked at again
 * after a while; only what both looks see is a finding. Repairs check once more, in a way that what is under way cannot
 * get in between.
 */
export class Doctor {
  readonly #world: World;
  readonly #graceMs: number;

  constructor(world: World, options: DoctorOptions) {
    this.#world = world;
    this.#graceMs = options.graceMs;
  }

  /** What is not as it should be, and with `repair` what has become of it. */
  async check(options: CheckOptions, signal: AbortSignal): Promise<Finding[]> {
    const suspects = await this.suspects(signal);
    if (options.verify) for await (const suspect of verifyBlobs(this.#world, signal)) suspects.push(suspect);
    const findings = await this.describe(suspects);
    return options.repair ? this.#repair(suspects, findings, signal) : findings;
  }

  /** What two looks have seen, in the order of repair. */
  async suspects(signal: AbortSignal): Promise<Suspect[]> {
    const first = await this.#look(signal);
    if (first.size === 0) return [];
    await delay(this.#graceMs, undefined, { signal });
    const second = await this.#look(signal);
    const both = [...second].filter(([identity]) => first.has(identity)).map(([, suspect]) => suspect);
    return both.sort((a, b) => suspectKinds.indexOf(a.kind) - suspectKinds.indexOf(b.kind));
  }

  async describe(suspects: readonly Suspect[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const { kind, what, path, advice, measured = false } of suspects) {
      const sizeBytes = measured ? await this.#sizeOf(path) : 0;
      findings.push({ kind, what, path, sizeBytes, advice, repaired: false, failure: '' });
    }
    return findings;
  }

  /** Repairs one after another; undefined for what is dealt with, else why it is not. */
  async repair(suspect: Suspect): Promise<string> {
    try {
      await suspect.repair();
      const { kind, path, what } = suspect;
      this.#world.log.info({ kind, path }, `doctor: repaired: ${what}`);
      return '';
    } catch (error) {
      return messageOf(error);
    }
  }

  /** A repair may deal with others as well, or fail to do what it says: what is seen afterwards counts. */
  async #repair(suspects: readonly Suspect[], findings: readonly Finding[], signal: AbortSignal): Promise<Finding[]> {
    const failures: string[] = [];
    for (const suspect of suspects) failures.push(await this.repair(suspect));
    const left = suspects.length === 0 ? new Map<string, Suspect>() : await this.#look(signal);
    return findings.map((finding, index) => {
      const suspect = suspects[index] as Suspect;
      const isLeft = left.has(identityOf(suspect)) || (suspect.kind === 'blob-damaged' && failures[index] !== '');
      if (!isLeft) return { ...finding, repaired: true };
      return { ...finding, failure: failures[index] || 'it is still there' };
    });
  }

  async #look(signal: AbortSignal): Promise<Map<string, Suspect>> {
    const seen = new Map<string, Suspect>();
    for (const examine of examinations) {
      signal.throwIfAborted();
      for await (const suspect of examine(this.#world)) seen.set(identityOf(suspect), suspect);
    }
    return seen;
  }

  async #sizeOf(path: string): Promise<number> {
    return this.#world.sys.diskUsage(path).then(
      ({ sizeBytes }) => sizeBytes,
      () => 0,
    );
  }
}
