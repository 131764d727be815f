import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, type Messages } from '../../proto/codec.ts';

/** What a shim of ours leaves in its bundle for the next one: `proto/gantry/shim/v1/shim.proto`. */
export type TaskRecord = Messages['gantry.shim.v1.TaskRecord'];

/** The newest interface between daemon and shim that this daemon speaks. Older ones are subsets of it. */
const interfaceVersion = 1;

/**
 * Reads the record of a task; undefined for a shim that keeps none (another's, or one of ours from before there were
 * records), or one that a later daemon started and this one does not understand.
 *
 * Read without waiting: it is a few hundred bytes on a tmpfs, for every task there is.
 */
export function readTaskRecord(bundlePath: string): TaskRecord | undefined {
  try {
    const record = decode('gantry.shim.v1.TaskRecord', readFileSync(join(bundlePath, 'task.pb')));
    return record.interfaceVersion <= interfaceVersion && record.pid > 0 ? record : undefined;
  } catch {
    return undefined;
  }
}
