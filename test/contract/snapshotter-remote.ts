import type { Client } from '../../client/client.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';
import { infoFromWire } from '../../snapshotter/wire.ts';

/** A daemon's snapshotter, as the client's namespace sees it over gRPC. Closing closes the client. */
export function remoteSnapshotter(client: Client, snapshotter: string): Snapshotter {
  const service = client.service('containerd.services.snapshots.v1.Snapshots');
  const close = async () => client.close();
  return {
    prepare: async (key, parent, options) =>
      (await service.Prepare({ snapshotter, key, parent, labels: options?.labels })).mounts,
    view: async (key, parent, options) =>
      (await service.View({ snapshotter, key, parent, labels: options?.labels })).mounts,
    mounts: async (key) => (await service.Mounts({ snapshotter, key })).mounts,
    commit: async (name, key, options) => {
      await service.Commit({ snapshotter, name, key, labels: options?.labels, parent: options?.parent });
    },
    remove: async (key) => {
      await service.Remove({ snapshotter, key });
    },
    stat: async (key) => infoFromWire((await service.Stat({ snapshotter, key })).info),
    update: async ({ name, labels }, paths = []) => {
      const request = { snapshotter, info: { name, labels }, updateMask: { paths: [...paths] } };
      return infoFromWire((await service.Update(request)).info);
    },
    async *walk(filters = []) {
      for await (const { info } of service.List({ snapshotter, filters })) yield* info.map(infoFromWire);
    },
    usage: async (key) => {
      const { size, inodes } = await service.Usage({ snapshotter, key });
      return { sizeBytes: size, inodes };
    },
    cleanup: async () => {
      await service.Cleanup({ snapshotter });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
