import { failedPrecondition, wrap } from '../../base/errors.ts';
import { validateIdentifier } from '../../base/ids.ts';
import type { CallContext } from '../../proto/call-context.ts';
import type { Context } from '../context.ts';

/**
 * The service context of a call that has to name a namespace.
 * @throws GantryError failed-precondition without one, invalid-argument for a malformed one
 */
export function inNamespace(call: CallContext): Context {
  const { namespace, leaseId, deadlineAtMs, signal } = call;
  if (namespace === undefined || namespace === '') throw failedPrecondition('namespace is required');
  try {
    validateIdentifier(namespace);
  } catch (error) {
    throw wrap(error, 'namespace validation');
  }
  return { namespace, leaseId, deadlineAtMs, signal };
}
