import type { Pruned } from '../../proto/gen/gantry/doctor/v1/doctor.ts';
import type { Doctor } from './doctor.ts';
import type { Finding, Suspect, SuspectKind } from './suspect.ts';

/** Findings that are for somebody to know of, or to give something back: not to be swept up. */
const notGarbage: readonly SuspectKind[] = [
  'database-rebuilt',
  'record-damaged',
  'blob-damaged',
  'blob-record-without-blob',
  'task-without-container',
];

/** Collects what nothing refers to; with `dryRun` only tells. */
export type Collect = (dryRun: boolean, signal: AbortSignal) => Promise<Pruned[]>;

/** Frees space: first what nothing refers to, then what nobody owns. */
export async function prune(
  deps: { readonly doctor: Doctor; readonly collect: Collect },
  dryRun: boolean,
  signal: AbortSignal,
): Promise<{ pruned: Pruned[]; failures: Finding[] }> {
  const { doctor, collect } = deps;
  const collected = await collect(dryRun, signal);
  const suspects = (await doctor.suspects(signal)).filter(({ kind }) => !notGarbage.includes(kind));
  const findings = await doctor.describe(suspects);
  const failures: Finding[] = [];
  const removed: Finding[] = [];
  for (const [index, finding] of findings.entries()) {
    const failure = dryRun ? '' : await doctor.repair(suspects[index] as Suspect);
    if (failure === '') removed.push(finding);
    else failures.push({ ...finding, failure });
  }
  return { pruned: [...collected, ...byKind(removed)], failures };
}

function byKind(findings: readonly Finding[]): Pruned[] {
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  return [...kinds].map(([kind, members]) => ({
    kind,
    count: members.length,
    sizeBytes: members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }));
}
