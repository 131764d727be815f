import { implement } from '../../proto/handler.ts';
import type { SnapshotsService } from '../services/snapshots.ts';
import { inNamespace } from './context.ts';

export const snapshotsHandlers = (service: SnapshotsService) =>
  implement('containerd.services.snapshots.v1.Snapshots', {
    Prepare: async (request, call) => ({ mounts: await service.prepare(inNamespace(call), request) }),
    View: async (request, call) => ({ mounts: await service.view(inNamespace(call), request) }),
    Mounts: async (request, call) => ({ mounts: await service.mounts(inNamespace(call), request) }),
    Commit: async (request, call) => {
      await service.commit(inNamespace(call), request);
      return {};
    },
    Remove: async (request, call) => {
      await service.remove(inNamespace(call), request);
      return {};
    },
    Stat: async (request, call) => ({ info: await service.stat(inNamespace(call), request) }),
    Update: async (request, call) => ({ info: await service.update(inNamespace(call), request) }),
    async *List(request, call) {
      yield* service.list(inNamespace(call), request);
    },
    Usage: async (request, call) => service.usage(inNamespace(call), request),
    Cleanup: async (request) => {
      await service.cleanup(request.snapshotter);
      return {};
    },
  });
