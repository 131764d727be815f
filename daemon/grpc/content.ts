import { implement } from '../../proto/handler.ts';
import type { ContentService } from '../services/content.ts';
import { inNamespace } from './context.ts';

export const contentHandlers = (service: ContentService) =>
  implement('containerd.services.content.v1.Content', {
    Info: async ({ digest }, call) => ({ info: await service.info(inNamespace(call), digest) }),
    Update: async ({ info, updateMask }, call) => ({
      info: await service.update(inNamespace(call), info, updateMask?.paths ?? []),
    }),
    async *List({ filters }, call) {
      yield* service.list(inNamespace(call), filters);
    },
    Delete: async ({ digest }, call) => {
      await service.delete(inNamespace(call), digest);
      return {};
    },
    async *Read(request, call) {
      yield* service.read(inNamespace(call), request);
    },
    Status: async ({ ref }, call) => ({ status: await service.status(inNamespace(call), ref) }),
    ListStatuses: async ({ filters }, call) => ({ statuses: await service.statuses(inNamespace(call), filters) }),
    async *Write(requests, call) {
      yield* service.write(inNamespace(call), requests);
    },
    Abort: async ({ ref }, call) => {
      await service.abort(inNamespace(call), ref);
      return {};
    },
  });
