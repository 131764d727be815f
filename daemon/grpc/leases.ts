import { implement } from '../../proto/handler.ts';
import type { LeasesService } from '../services/leases.ts';
import { collect } from './collect.ts';
import { inNamespace } from './context.ts';

export const leasesHandlers = (service: LeasesService) =>
  implement('containerd.services.leases.v1.Leases', {
    Create: async ({ id, labels }, call) => ({ lease: await service.create(inNamespace(call), id, labels) }),
    Delete: async ({ id, sync }, call) => {
      await service.delete(inNamespace(call), id, { sync });
      return {};
    },
    List: async ({ filters }, call) => ({ leases: await collect(service.list(inNamespace(call), filters)) }),
    AddResource: async ({ id, resource }, call) => {
      await service.addResource(inNamespace(call), id, resource);
      return {};
    },
    DeleteResource: async ({ id, resource }, call) => {
      await service.deleteResource(inNamespace(call), id, resource);
      return {};
    },
    ListResources: async ({ id }, call) => ({ resources: await service.listResources(inNamespace(call), id) }),
  });
