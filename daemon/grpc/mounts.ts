import { implement } from '../../proto/handler.ts';
import type { MountsService } from '../services/mounts.ts';
import { inNamespace } from './context.ts';

/** Without Update, which containerd does not implement either. */
export const mountsHandlers = (service: MountsService) =>
  implement('containerd.services.mounts.v1.Mounts', {
    Activate: async (request, call) => ({ info: await service.activate(inNamespace(call), request) }),
    Deactivate: async ({ name }, call) => {
      await service.deactivate(inNamespace(call), name);
      return {};
    },
    Info: async ({ name }, call) => ({ info: await service.info(inNamespace(call), name) }),
    async *List({ filters }, call) {
      for await (const info of service.list(inNamespace(call), filters)) yield { info };
    },
  });
