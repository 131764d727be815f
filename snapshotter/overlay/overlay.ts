import { lchown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import type { LayerDirectories, NewDirectory } from '../layers/directories.ts';
import {
  type LayerDeps,
  type LayerDriver,
  type LayerOptions,
  LayerSnapshotter,
  type LayerSys,
  type LayerToFill,
} from '../layers/layer-snapshotter.ts';
import type { SnapshotRecord } from '../record.ts';
import type { Labels, Mount, SnapshotKind } from '../snapshotter.ts';
import { overlayOptions } from './detect.ts';
import { idMappingOf } from './id-mapping.ts';
import { type MappingSys, whyNoIdMapping } from './id-mapping-support.ts';
import { type LayerPaths, overlayMounts } from './mounts.ts';

const upperDirectoryLabel = 'containerd.io/snapshot/overlay.upperdir';

export interface OverlayDeps extends LayerDeps {
  readonly sys: LayerSys & MappingSys;
}

export interface OverlayOptions extends LayerOptions {
  /** Options of every overlay mount, such as `volatile`; one of the same name stands before a detected one. */
  readonly mountOptions?: readonly string[];
  /** Tell where a snapshot's own files are, in the label `containerd.io/snapshot/overlay.upperdir`. */
  readonly upperDirectoryLabel?: boolean;
  /**
   * Where ids cannot be mapped by the mount, hand out snapshots with id mapping labels all the same: the client then
   * changes the owner of every file.
   */
  readonly slowChown?: boolean;
}

/** Opens the snapshotter whose layers, directories, are stacked by the kernel's overlayfs. */
export async function openOverlay(deps: OverlayDeps, options: OverlayOptions): Promise<LayerSnapshotter> {
  const mountOptions = overlayOptions(options.root, options.mountOptions ?? []);
  return LayerSnapshotter.open(deps, options, async (directories) => {
    const unmappable = await whyNoIdMapping(deps.sys, options.root);
    return new OverlayDriver(directories, { ...options, mountOptions: await mountOptions, unmappable });
  });
}

/** What is known when the driver is made. */
interface DriverOptions extends OverlayOptions {
  readonly mountOptions: readonly string[];
  /** Why the kernel cannot map the ids of a mount; undefined if it can. */
  readonly unmappable: string | undefined;
}

/**
 * Besides `fs`, 0755 and owned as the layer below, an active snapshot's directory has `work`, 0711, which is overlayfs'
 * own.
 */
class OverlayDriver implements LayerDriver {
  readonly capabilities: readonly string[];
  readonly #directories: LayerDirectories;
  readonly #options: DriverOptions;
  readonly #paths: LayerPaths;

  constructor(directories: LayerDirectories, options: DriverOptions) {
    this.#directories = directories;
    this.#options = options;
    this.#paths = { upper: (id) => directories.files(id), work: (id) => join(directories.directory(id), 'work') };
    this.capabilities = [
      ...(options.unmappable === undefined ? ['remap-ids'] : []),
      ...(options.slowChown ? [] : ['only-remap-ids']),
      'rebase',
    ];
  }

  directories(kind: SnapshotKind): readonly NewDirectory[] {
    return kind === 'active' ? [{ name: 'work', mode: 0o711 }] : [];
  }

  async fill(snapshot: LayerToFill, parent: SnapshotRecord | undefined, made: Promise<void>): Promise<void> {
    const { upper } = this.#paths;
    const mapping = idMappingOf(snapshot.labels);
    const { unmappable, slowChown } = this.#options;
    if (mapping !== undefined && unmappable !== undefined && slowChown !== true) {
      throw failedPrecondition(`id-mapped mounts are not supported here (${unmappable}); slow_chown allows copying`);
    }
    if (mapping !== undefined) {
      await made;
      await lchown(upper(snapshot.id), mapping.rootUid, mapping.rootGid);
    } else if (parent !== undefined) {
      const [{ uid, gid }] = await Promise.all([stat(upper(parent.id)), made]);
      if (uid !== 0 || gid !== 0) await lchown(upper(snapshot.id), uid, gid);
    }
  }

  mounts(record: SnapshotRecord): Mount[] {
    const mapping = this.#options.unmappable === undefined ? idMappingOf(record.labels) : undefined;
    return overlayMounts(record, this.#paths, { options: this.#options.mountOptions, mapping });
  }

  labels({ id }: SnapshotRecord): Labels {
    return this.#options.upperDirectoryLabel ? { [upperDirectoryLabel]: this.#directories.files(id) } : {};
  }
}
