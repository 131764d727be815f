import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError, invalidArgument } from './errors.ts';
import { type FailpointName, failpointNames, isFailpointName } from './failpoint-names.ts';
import { type FailpointAction, type FailpointTerm, parseTerms } from './failpoint-terms.ts';

export type { FailpointName } from './failpoint-names.ts';

/** How a failpoint is set, and how often it has been passed since the process started. */
export interface FailpointState {
  readonly name: FailpointName;
  readonly terms: string;
  readonly passes: number;
}

interface Failpoint {
  text: string;
  terms: { left: number; readonly action: FailpointAction }[];
  passes: number;
}

/**
 * The failpoints of this process, undefined unless it was started with them. Process-wide, because a point anywhere in the
 * code must be one line that needs nothing handed in.
 */
let enabled: Map<FailpointName, Failpoint> | undefined;

/**
 * Turns failpoints on for this process and sets those that `settings` names: `name=terms;other=terms`, see `parseTerms`.
 * Undefined leaves them off, at the cost of one comparison where they are passed.
 * @throws GantryError invalid-argument for an unknown name or malformed terms
 */
export function enableFailpoints(settings: string | undefined): void {
  enabled = undefined;
  if (settings === undefined) return;
  const names = Object.keys(failpointNames) as FailpointName[];
  enabled = new Map(names.map((name) => [name, { text: 'off', terms: [], passes: 0 }]));
  for (const setting of settings.split(';').filter((text) => text.trim() !== '')) {
    const [name = '', ...terms] = setting.split('=');
    setFailpoint(name.trim(), terms.join('='));
  }
}

/** True in a process that was started with failpoints, even if none is set. */
export function failpointsEnabled(): boolean {
  return enabled !== undefined;
}

/** Sets one failpoint anew. @throws GantryError invalid-argument; failed-precondition where failpoints are not enabled */
export function setFailpoint(name: string, terms: string): void {
  if (enabled === undefined) throw new GantryError('failed-precondition', 'failpoints are not enabled');
  const point = isFailpointName(name) ? enabled.get(name) : undefined;
  if (point === undefined) throw invalidArgument(`no failpoint "${name}"`);
  const parsed: FailpointTerm[] = parseTerms(terms);
  point.text = terms.trim();
  point.terms = parsed.map(({ count, action }) => ({ left: count, action }));
}

/** All failpoints in the order of their declaration; none where they are not enabled. */
export function listFailpoints(): FailpointState[] {
  return [...(enabled ?? [])].map(([name, { text, passes }]) => ({ name, terms: text, passes }));
}

/** Passes a failpoint: `await failpoint('content.commit.renamed')`. Does nothing unless it is set. */
export function failpoint(name: FailpointName): Promise<void> | undefined {
  if (enabled === undefined) return undefined;
  return actLater(next(enabled, name));
}

/** The same where nothing can be awaited; a delay then blocks. */
export function failpointSync(name: FailpointName): void {
  if (enabled === undefined) return;
  const action = next(enabled, name);
  if (action.type === 'delay') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.delayMs);
  else act(action);
}

function next(points: ReadonlyMap<FailpointName, Failpoint>, name: FailpointName): FailpointAction {
  const point = points.get(name) as Failpoint;
  point.passes++;
  const term = point.terms.find(({ left }) => left > 0);
  if (term === undefined) return { type: 'off' };
  term.left--;
  return term.action;
}

async function actLater(action: FailpointAction): Promise<void> {
  if (action.type === 'delay') await sleep(action.delayMs);
  else act(action);
}

function act(action: Exclude<FailpointAction, { type: 'delay' }>): void {
  if (action.type === 'error') throw new GantryError('unknown', action.message);
  // Not one of ours on purpose: what a bug in the code would throw.
  if (action.type === 'panic') throw new Error(action.message);
  // Nothing runs after it, no exit handler and no flush: what a power cut leaves of a process.
  if (action.type === 'crash') process.kill(process.pid, 'SIGKILL');
}
