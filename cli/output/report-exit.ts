import type { Exit } from '../../client/task/process.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';

/** With --json, how a process ended, on standard error: standard output is the process's own. */
export function reportExit({ json }: { json: boolean }, id: string, { status, exitedAt }: Exit): void {
  if (!json) return;
  const report = { id, exitStatus: status, exitedAt: exitedAt === null ? null : rfc3339FromTimestamp(exitedAt) };
  process.stderr.write(`${JSON.stringify(report)}\n`);
}
