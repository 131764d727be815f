import { messageOfItems } from '../../proto/encoded.ts';
import { implement } from '../../proto/handler.ts';
import type { ContainersService } from '../services/containers.ts';
import { collect } from './collect.ts';
import { inNamespace } from './context.ts';

export const containersHandlers = (service: ContainersService) =>
  implement('containerd.services.containers.v1.Containers', {
    Get: async ({ id }, call) => ({ container: await service.get(inNamespace(call), id) }),
    List: async ({ filters }, call) => messageOfItems(1, await collect(service.list(inNamespace(call), filters))),
    async *ListStream({ filters }, call) {
      for await (const container of service.list(inNamespace(call), filters)) yield messageOfItems(1, [container]);
    },
    Create: async ({ container }, call) => ({ container: await service.create(inNamespace(call), container) }),
    Update: async ({ container, updateMask }, call) => ({
      container: await service.update(inNamespace(call), container, updateMask?.paths ?? []),
    }),
    Delete: async ({ id }, call) => {
      await service.delete(inNamespace(call), id);
      return {};
    },
  });
