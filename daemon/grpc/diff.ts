import { implement } from '../../proto/handler.ts';
import type { Differ } from '../services/differs.ts';
import { inNamespace } from './context.ts';

export const diffHandlers = (service: Differ) =>
  implement('containerd.services.diff.v1.Diff', {
    Apply: async (request, call) => ({ applied: await service.apply(inNamespace(call), request) }),
    Diff: async (request, call) => ({ diff: await service.diff(inNamespace(call), request) }),
  });
