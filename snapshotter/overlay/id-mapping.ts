import { invalidArgument } from '../../base/errors.ts';
import type { Labels } from '../snapshotter.ts';

/** Labels with which a snapshot is asked for whose files belong to the ids of a user namespace. */
const uidLabel = 'containerd.io/snapshot/uidmapping';
const gidLabel = 'containerd.io/snapshot/gidmapping';

/** How ids in the layers are seen by whoever mounts them. */
export interface IdMapping {
  /** As the labels and the mount options have it: `container-id:host-id:size[,…]`. */
  readonly uidMap: string;
  readonly gidMap: string;
  /** What the container's root is on the host. */
  readonly rootUid: number;
  readonly rootGid: number;
}

/**
 * The mapping that a snapshot's labels ask for; undefined if they ask for none.
 * @throws GantryError invalid-argument for one that is malformed, incomplete, or does not map id 0
 */
export function idMappingOf(labels: Labels): IdMapping | undefined {
  const uidMap = labels[uidLabel];
  const gidMap = labels[gidLabel];
  if (uidMap === undefined && gidMap === undefined) return undefined;
  return {
    uidMap: uidMap ?? '',
    gidMap: gidMap ?? '',
    rootUid: hostIdOfRoot(uidLabel, uidMap),
    rootGid: hostIdOfRoot(gidLabel, gidMap),
  };
}

function hostIdOfRoot(label: string, map = ''): number {
  let root: number | undefined;
  for (const entry of map.split(',')) {
    const [, inside, host, size] = /^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(entry) ?? [];
    if (size === undefined) {
      throw invalidArgument(`snapshot label ${label}=${map}: "${entry}" is not container-id:host-id:size`);
    }
    if (Number(inside) === 0 && Number(size) > 0) root = Number(host);
  }
  if (root === undefined) throw invalidArgument(`snapshot label ${label}=${map}: id 0 is not mapped`);
  return root;
}
