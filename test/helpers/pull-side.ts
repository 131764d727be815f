import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type ErrorKind, GantryError } from '../../base/errors.ts';
import { type PullOptions, pullImage } from '../../client/transfer/pull.ts';
import type { FaultyRegistry } from './faulty-registry.ts';
import { Side, type SideOptions } from './side.ts';
import { type Stores, storesOf } from './stores.ts';

/** What a pull that is to fail may take, and the memory it may add to the daemon. */
const limits = { timeMs: 20_000, memoryBytes: 96 * 1024 * 1024 };

/** Our daemon, which pulls by itself, from registries that do not mean well. */
export class PullSide implements AsyncDisposable {
  readonly side: Side;

  private constructor(side: Side) {
    this.side = side;
  }

  static async start(options: SideOptions = {}): Promise<PullSide> {
    return new PullSide(await Side.start('gantryd', options));
  }

  /** What the daemon holds. */
  stores(): Promise<Stores> {
    return storesOf(this.side.client);
  }

  /** Pulls an image over plain HTTP, unless the options say otherwise, and returns the digest of its target. */
  async pull(reference: string, options: PullOptions = {}): Promise<string> {
    const { target } = await pullImage(this.side.client, reference, { defaultScheme: 'http', ...options });
    return target.digest;
  }

  /**
   * Pulls what cannot be pulled and returns the error. It has to come in time, without much memory, and to leave no image
   * and no snapshot of half a layer; nothing of `secrets` may be in it or in the log.
   */
  async fails(reference: string, options: PullOptions & { readonly secrets?: readonly string[] } = {}) {
    const before = await this.stores();
    resetPeak(this.side.daemon.pid);
    const peakBefore = peakBytes(this.side.daemon.pid);
    const startedAt = performance.now();
    const error = await this.pull(reference, options).then(
      (digest) => Promise.reject(new Error(`${reference} was pulled: ${digest}`)),
      (reason: unknown) => reason,
    );
    const tookMs = performance.now() - startedAt;
    if (!(error instanceof GantryError)) throw error;
    const { images, snapshots } = await this.stores();
    expect(images).toEqual(before.images);
    expect(snapshots.filter(({ kind }) => kind !== 'COMMITTED')).toEqual([]);
    expect(tookMs, `took too long to say: ${error.message}`).toBeLessThan(limits.timeMs);
    expect(peakBytes(this.side.daemon.pid) - peakBefore, 'needed too much memory').toBeLessThan(limits.memoryBytes);
    for (const secret of options.secrets ?? []) {
      expect(error.message).not.toContain(secret);
      expect(this.side.log).not.toContain(secret);
    }
    return error;
  }

  /**
   * Pulls once more what failed, and now can be pulled: of the blobs that the daemon has, nothing is asked for again.
   */
  async recovers(reference: string, registry: FaultyRegistry, options: PullOptions = {}): Promise<string> {
    const kept = (await this.stores()).blobs.map(({ digest }) => digest);
    const since = registry.requests.length;
    const digest = await this.pull(reference, options);
    const again = registry.requests
      .slice(since)
      .filter((served) => served.kind === 'blob' && kept.includes(served.name));
    expect(again, 'what was here was asked for again').toEqual([]);
    return digest;
  }

  /** Removes an image with all that only it needed. */
  async remove(reference: string): Promise<void> {
    await this.side.client.service('containerd.services.images.v1.Images').Delete({ name: reference, sync: true });
  }

  /** Removes all images, and what failed pulls have left to go on with; then nothing may be there any more. */
  async clear(): Promise<void> {
    const { images, leases } = await this.stores();
    for (const { name } of images) await this.remove(name);
    const service = this.side.client.service('containerd.services.leases.v1.Leases');
    for (const id of leases) await service.Delete({ id, sync: true });
    expect(await this.stores()).toEqual({ images: [], blobs: [], writing: [], snapshots: [], leases: [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.side[Symbol.asyncDispose]();
  }
}

/** Asserts what an error is and says. */
export function expectError(error: GantryError, kind: ErrorKind, text: RegExp | string): void {
  expect({ kind: error.kind, message: error.message }).toEqual({ kind, message: expect.stringMatching(text) });
}

/** The most memory that a process has had, since `resetPeak`. */
export function peakBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
