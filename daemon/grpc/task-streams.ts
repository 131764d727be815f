import { implement } from '../../proto/handler.ts';
import type { TaskStreamsService } from '../services/task-streams.ts';
import { inNamespace } from './context.ts';

export const taskStreamsHandlers = (service: TaskStreamsService) =>
  implement('gantry.shim.v1.Streams', {
    ReopenLog: async (request, call) => service.reopenLog(inNamespace(call), request),
    Stat: async (request, call) => service.stat(inNamespace(call), request),
  });
