import { GantryError, messageOf, notFound } from '../base/errors.ts';
import type { AskOptions, HostSession } from './host-session.ts';
import type { Capability } from './hosts/host.ts';

interface Failure {
  readonly session: HostSession;
  readonly error: unknown;
}

/**
 * Asks the hosts that have the capability, mirrors first, until one answers.
 * @throws GantryError that names each host with what it said; its kind is that of the registry itself where that was asked
 */
export async function askEach<T>(
  sessions: readonly HostSession[],
  needs: readonly Capability[],
  { doing, signal }: { readonly doing: string; readonly signal: AbortSignal },
  ask: (session: HostSession, options: AskOptions) => Promise<T>,
): Promise<T> {
  const able = sessions.filter(({ host }) => needs.every((capability) => host.capabilities.has(capability)));
  if (able.length === 0) throw notFound(`${doing}: no host is configured to ${needs.join(' and ')}`);
  const failures: Failure[] = [];
  for (const [index, session] of able.entries()) {
    const hasStandIn = index < able.length - 1;
    try {
      const recentFailure = hasStandIn ? session.recentFailure : undefined;
      if (recentFailure !== undefined) throw recentFailure;
      return await ask(session, { signal, hasStandIn });
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push({ session, error });
    }
  }
  throw summary(doing, failures);
}

function summary(doing: string, failures: readonly Failure[]): GantryError {
  const said = failures.map(({ session, error }) => `${session.host.authority}: ${messageOf(error)}`);
  const errors = failures.map(({ error }) => error);
  const cause = errors.length === 1 ? errors[0] : new AggregateError(errors, 'all hosts failed');
  return new GantryError(kindOf(failures), `${doing}: ${said.join('; ')}`, { cause });
}

/** The registry itself has the last word. That a copy has not what another failed to tell of says nothing. */
function kindOf(failures: readonly Failure[]) {
  const kinds = failures.map(({ error }) => (error instanceof GantryError ? error.kind : 'unknown'));
  const last = kinds.at(-1) ?? 'unknown';
  if (last !== 'not-found' || failures.at(-1)?.session.host.isUpstream === true) return last;
  return kinds.find((kind) => kind !== 'not-found') ?? last;
}
