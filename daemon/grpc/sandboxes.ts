import { implement } from '../../proto/handler.ts';
import type { SandboxController } from '../services/sandbox-controller.ts';
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

export const sandboxControllerHandlers = (controller: SandboxController) =>
  implement('containerd.services.sandbox.v1.Controller', {
    Create: async (request, call) => controller.create(inNamespace(call), request),
    Start: async (request, call) => controller.start(inNamespace(call), request),
    Platform: async (request, call) => controller.platform(inNamespace(call), request),
    Stop: async (request, call) => {
      await controller.stop(inNamespace(call), request);
      return {};
    },
    Wait: async (request, call) => controller.wait(inNamespace(call), request),
    Status: async (request, call) => controller.status(inNamespace(call), request),
    Shutdown: async (request, call) => {
      await controller.shutdown(inNamespace(call), request);
      return {};
    },
    Metrics: async (request, call) => controller.metrics(inNamespace(call), request),
    Update: async (request, call) => {
      controller.update(inNamespace(call), request);
      return {};
    },
  });
