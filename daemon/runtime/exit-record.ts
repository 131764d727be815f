import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Timestamp, timestampFromRfc3339 } from '../../proto/timestamp.ts';

/** How a process ended. */
export interface Exit {
  readonly pid: number;
  /** The exit code, or 128 plus the signal's number. */
  readonly exitStatus: number;
  readonly exitedAt: Timestamp;
}

/**
 * The end of a task's first process as the shim wrote it down before telling anybody; undefined while it runs, with a
 * shim that keeps no such record, or if a crash left the record unreadable.
 */
export async function readExitRecord(bundlePath: string): Promise<Exit | undefined> {
  try {
    return parseExitRecord(await readFile(join(bundlePath, 'exit.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

export function parseExitRecord(text: string): Exit | undefined {
  const record = JSON.parse(text) as { pid?: unknown; exit_status?: unknown; exited_at?: unknown };
  const { pid, exit_status: exitStatus, exited_at: exitedAt } = record;
  if (typeof pid !== 'number' || typeof exitStatus !== 'number' || typeof exitedAt !== 'string') return undefined;
  return { pid, exitStatus, exitedAt: timestampFromRfc3339(exitedAt) };
}
