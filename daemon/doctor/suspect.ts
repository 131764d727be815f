import type { Finding } from '../../proto/gen/gantry/doctor/v1/doctor.ts';

export type { Finding };

/** Something that looks as if nobody owned it. It is told only if a second look finds it again. */
export interface Suspect {
  readonly kind: SuspectKind;
  readonly what: string;
  /** Empty for what is only a record. */
  readonly path: string;
  readonly advice: string;
  /** Whether `path` is a file or tree whose space is to be told. */
  readonly measured?: boolean;
  /** Takes it away or puts it right. What is under way by then must be spared. */
  readonly repair: () => Promise<void>;
}

/** Every kind of finding, in the order of repair: what holds others in place goes first. */
export const suspectKinds = [
  'database-rebuilt',
  'record-damaged',
  'bundle-without-task',
  'shim-without-task',
  'task-without-container',
  'runtime-state-without-task',
  'cgroup-without-task',
  'mount-without-owner',
  'bundle-remains',
  'work-directory-without-bundle',
  'stale-socket',
  'snapshot-record-without-snapshot',
  'snapshot-record-without-directory',
  'snapshot-unreferenced',
  'snapshot-directory-without-record',
  'ingest-record-without-data',
  'ingest-without-record',
  'blob-record-without-blob',
  'blob-damaged',
  'blob-unreferenced',
  'content-store-unreachable',
] as const;

export type SuspectKind = (typeof suspectKinds)[number];

/** Tells a suspect from every other, and is the same at the second look. */
export function identityOf({ kind, what, path }: Pick<Suspect, 'kind' | 'what' | 'path'>): string {
  return [kind, what, path].join('\0');
}
