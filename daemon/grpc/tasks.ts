import { implement } from '../../proto/handler.ts';
import type { TasksService } from '../services/tasks.ts';
import { inNamespace } from './context.ts';

export const tasksHandlers = (service: TasksService) =>
  implement('containerd.services.tasks.v1.Tasks', {
    Create: async (request, call) => service.create(inNamespace(call), request),
    Start: async (request, call) => service.start(inNamespace(call), request),
    Delete: async (request, call) => service.delete(inNamespace(call), request),
    DeleteProcess: async (request, call) => service.deleteProcess(inNamespace(call), request),
    Get: async (request, call) => service.get(inNamespace(call), request),
    List: async (_request, call) => service.list(inNamespace(call)),
    Kill: async (request, call) => nothing(service.kill(inNamespace(call), request)),
    Exec: async (request, call) => nothing(service.exec(inNamespace(call), request)),
    ResizePty: async (request, call) => nothing(service.resizePty(inNamespace(call), request)),
    CloseIO: async (request, call) => nothing(service.closeIo(inNamespace(call), request)),
    Pause: async (request, call) => nothing(service.pause(inNamespace(call), request)),
    Resume: async (request, call) => nothing(service.resume(inNamespace(call), request)),
    ListPids: async (request, call) => service.listPids(inNamespace(call), request),
    Checkpoint: async (request, call) => service.checkpoint(inNamespace(call), request),
    Update: async (request, call) => nothing(service.update(inNamespace(call), request)),
    Metrics: async (request, call) => service.metrics(inNamespace(call), request),
    Wait: async (request, call) => service.wait(inNamespace(call), request),
  });

async function nothing(done: Promise<void>): Promise<object> {
  await done;
  return {};
}
