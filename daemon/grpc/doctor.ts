import { implement } from '../../proto/handler.ts';
import { type PruneDeps, prune } from '../doctor/prune.ts';

/** Gantry's own service (gantry.doctor.v1). It looks at all namespaces, so a call needs none. */
export const doctorHandlers = (deps: PruneDeps) =>
  implement('gantry.doctor.v1.Doctor', {
    Check: async (request, call) => ({ findings: await deps.doctor.check(request, call.signal) }),
    Prune: async (request, call) => prune(deps, request.dryRun, call.signal),
  });
