import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sys } from '../../native/sys.ts';
import type { Mount, Snapshotter } from '../../snapshotter/snapshotter.ts';
import { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { treeOf } from './snapshotter-tree.ts';

/** Makes a snapshotter that keeps all it has below `root`. */
export type OpenSnapshotter = (root: string) => Promise<Snapshotter>;

/** A change to a mounted tree; written so that applying it to an ordinary directory does the same. */
export type Change = (root: string) => Promise<void>;

/** Kept by garbage collection, should there be one behind the snapshotter. */
export const rooted = { labels: { 'containerd.io/gc.root': '2026-01-01T00:00:00Z' } };

/** A snapshotter in a directory of its own, and a place to mount its snapshots. */
export class SnapshotterFixture implements AsyncDisposable {
  readonly snapshotter: Snapshotter;
  readonly directory: string;

  readonly #mounts: TemporaryMounts;

  private constructor(snapshotter: Snapshotter, directory: string, mounts: TemporaryMounts) {
    this.snapshotter = snapshotter;
    this.directory = directory;
    this.#mounts = mounts;
  }

  static async open(open: OpenSnapshotter): Promise<SnapshotterFixture> {
    const directory = await mkdtemp(join(tmpdir(), 'gs-'));
    const mounts = await TemporaryMounts.open({ sys }, { directory: join(directory, 'mounts') });
    return new SnapshotterFixture(await open(join(directory, 'root')), directory, mounts);
  }

  /** Mounts a snapshot for as long as `body` runs. */
  mounted<T>(mounts: Mount[], body: (root: string) => Promise<T>): Promise<T> {
    return this.#mounts.with(mounts, body);
  }

  /** Prepares `key` on `parent`, applies the change to it mounted, and commits it as `name`. */
  async layer(name: string, parent: string, change: Change): Promise<void> {
    const key = `${name}-preparing`;
    const mounts = await this.snapshotter.prepare(key, parent, rooted);
    await this.mounted(mounts, change);
    await this.snapshotter.commit(name, key, rooted);
  }

  /** Stacks the changes as layers and checks each, before and after, against the same changes in a plain directory. */
  async expectLikeDirectory(prefix: string, changes: readonly Change[]): Promise<void> {
    const flat = join(this.directory, `${prefix}-flat`);
    await mkdir(flat, { mode: 0o755 });
    let parent = '';
    for (const [index, change] of changes.entries()) {
      const before = await treeOf(flat);
      await change(flat);
      const after = await treeOf(flat);
      const name = `${prefix}-${index}`;
      await this.layer(name, parent, async (root) => {
        expect(await treeOf(root)).toEqual(before);
        await change(root);
        expect(await treeOf(root)).toEqual(after);
      });
      parent = name;
      const view = await this.snapshotter.view(`${name}-view`, name, rooted);
      await this.mounted(view, async (root) => expect(await treeOf(root)).toEqual(after));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.snapshotter.close();
    await rm(this.directory, { recursive: true });
  }
}
