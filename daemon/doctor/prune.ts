import type { Pruned } from '../../proto/gen/gantry/doctor/v1/doctor.ts';
import type { Doctor } from './doctor.ts';

export type { Pruned };

import type { Finding, Suspect, SuspectKind } from './suspect.ts';

/** Findings that are for somebody to know of, or to give something back: not to be swept up. */
const notGarbage: readonly SuspectKind[] = [
  'database-rebuilt',
  'record-damaged',
  'blob-damaged',
  'blob-record-without-blob',
  'content-store-unreachable',
  'task-without-container',
];

export interface PruneDeps {
  readonly doctor: Doctor;
  /** What a collection would free. */
  readonly preview: (signal: AbortSignal) => Promise<Pruned[]>;
  /** Runs a collection and waits for it. */
  readonly collect: (options: { readonly signal: AbortSignal }) => Promise<void>;
  /** Keeps space back, again, for deleting on a full disk. */
  readonly reserve: () => Promise<void>;
}

/** Frees space: first what nothing refers to, then what nobody owns. */
export async function prune(
  deps: PruneDeps,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<{ pruned: Pruned[]; failures: Finding[] }> {
  const { doctor, preview, collect, reserve } = deps;
  const collected = await preview(signal);
  if (!dryRun) await collect({ signal });
  const suspects = (await doctor.suspects(signal)).filter(({ kind }) => !notGarbage.includes(kind));
  const findings = await doctor.describe(suspects);
  const failures: Finding[] = [];
  const removed: Finding[] = [];
  for (const [index, finding] of findings.entries()) {
    const failure = dryRun ? '' : await doctor.repair(suspects[index] as Suspect);
    if (failure === '') removed.push(finding);
    else failures.push({ ...finding, failure });
  }
  if (!dryRun) await reserve();
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
