import { implement } from '../../proto/handler.ts';
import type { NamespacesService } from '../services/namespaces.ts';

export const namespacesHandlers = (service: NamespacesService) =>
  implement('containerd.services.namespaces.v1.Namespaces', {
    Get: async ({ name }) => ({ namespace: await service.get(name) }),
    List: async () => ({ namespaces: await service.list() }),
    Create: async ({ namespace }) => ({ namespace: await service.create(namespace) }),
    Update: async ({ namespace, updateMask }) => ({
      namespace: await service.update(namespace, updateMask?.paths ?? []),
    }),
    Delete: async ({ name }) => {
      await service.delete(name);
      return {};
    },
  });
