import { implement } from '../../proto/handler.ts';
import type { SandboxesService } from '../services/sandboxes.ts';
import { collect } from './collect.ts';
import { inNamespace } from './context.ts';

export const sandboxStoreHandlers = (service: SandboxesService) =>
  implement('containerd.services.sandbox.v1.Store', {
    Create: async ({ sandbox }, call) => ({ sandbox: await service.create(inNamespace(call), sandbox) }),
    Update: async ({ sandbox, fields }, call) => ({
      sandbox: await service.update(inNamespace(call), sandbox, fields),
    }),
    Delete: async ({ sandboxId }, call) => {
      await service.delete(inNamespace(call), sandboxId);
      return {};
    },
    List: async ({ filters }, call) => ({ list: await collect(service.list(inNamespace(call), filters)) }),
    Get: async ({ sandboxId }, call) => ({ sandbox: await service.get(inNamespace(call), sandboxId) }),
  });
