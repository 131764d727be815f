import { invalidArgument } from '../../base/errors.ts';
import { implement } from '../../proto/handler.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';
import { infoToWire, listToWire } from '../../snapshotter/wire.ts';

/**
 * One snapshotter and nothing else, for a daemon that keeps names, leases and namespaces itself. Which name the daemon has
 * for it is the daemon's business, and so are namespaces: both are passed over.
 */
export const standaloneSnapshotsHandlers = (snapshotter: Snapshotter) =>
  implement('containerd.services.snapshots.v1.Snapshots', {
    Prepare: async ({ key, parent, labels }) => ({ mounts: await snapshotter.prepare(key, parent, { labels }) }),
    View: async ({ key, parent, labels }) => ({ mounts: await snapshotter.view(key, parent, { labels }) }),
    Mounts: async ({ key }) => ({ mounts: await snapshotter.mounts(key) }),
    Commit: async ({ name, key, labels, parent }) => {
      await snapshotter.commit(name, key, { labels, parent });
      return {};
    },
    Remove: async ({ key }) => {
      await snapshotter.remove(key);
      return {};
    },
    Stat: async ({ key }) => ({ info: infoToWire(await snapshotter.stat(key)) }),
    Update: async ({ info, updateMask }) => {
      if (info === null || info.name === '') throw invalidArgument('snapshot name is missing');
      const { name, labels } = info;
      return { info: infoToWire(await snapshotter.update({ name, labels }, updateMask?.paths ?? [])) };
    },
    async *List({ filters }) {
      yield* listToWire(snapshotter.walk(filters));
    },
    Usage: async ({ key }, { signal }) => {
      const { sizeBytes, inodes } = await snapshotter.usage(key, { signal });
      return { size: sizeBytes, inodes };
    },
    Cleanup: async () => {
      await snapshotter.cleanup();
      return {};
    },
  });
