import type { LayerDirectories, NewDirectory } from '../layers/directories.ts';
import {
  type LayerDeps,
  type LayerDriver,
  type LayerOptions,
  LayerSnapshotter,
  type LayerToFill,
} from '../layers/layer-snapshotter.ts';
import type { SnapshotRecord } from '../record.ts';
import type { Labels, Mount } from '../snapshotter.ts';
import { copyTree } from './copy-tree.ts';

/**
 * Opens the snapshotter that needs nothing but plain directories: every active snapshot starts as a full copy of its
 * parent. It works on any file system, takes the space and time of the copies, and cannot rebase.
 */
export function openCopy(deps: LayerDeps, options: LayerOptions): Promise<LayerSnapshotter> {
  return LayerSnapshotter.open(deps, options, (directories) => new CopyDriver(directories));
}

class CopyDriver implements LayerDriver {
  readonly capabilities = [];
  readonly #directories: LayerDirectories;

  constructor(directories: LayerDirectories) {
    this.#directories = directories;
  }

  directories(): readonly NewDirectory[] {
    return [];
  }

  async fill({ id, kind }: LayerToFill, parent: SnapshotRecord | undefined, made: Promise<void>): Promise<void> {
    // A view is its parent: see mounts.
    if (kind === 'view' || parent === undefined) return;
    await made;
    await copyTree(this.#directories.files(parent.id), this.#directories.files(id));
  }

  mounts({ id, kind, parentIds }: SnapshotRecord): Mount[] {
    const shown = kind === 'view' ? (parentIds[0] ?? id) : id;
    const options = ['rbind', kind === 'view' ? 'ro' : 'rw'];
    return [{ type: 'bind', source: this.#directories.files(shown), target: '', options }];
  }

  labels(): Labels {
    return {};
  }
}
