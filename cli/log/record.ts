import type { LogUri } from './uri.ts';

/** One record of a log: a line, or a part of a long one. */
export interface LogRecord {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339. */
  readonly time: string;
  /** With its line end if it has one; a part of a line has none. */
  readonly text: string;
  /** So many bytes of the log are missing before this record, and why. */
  readonly lost?: { readonly bytes: number; readonly reason: string };
}

/** The record that a line of a log file holds; undefined if it is none. */
export function parseRecord(format: Exclude<LogUri['format'], 'raw'>, line: Buffer): LogRecord | undefined {
  return format === 'json' ? parseJson(line) : parseCri(line);
}

function parseJson(line: Buffer): LogRecord | undefined {
  try {
    const { log, stream, time, attrs } = JSON.parse(line.toString()) as Record<string, unknown>;
    if (typeof log !== 'string' || typeof time !== 'string') return undefined;
    const record = { stream: stream === 'stderr' ? 'stderr' : 'stdout', time, text: log } as const;
    const { 'gantry.lost_bytes': bytes, 'gantry.error': reason } = (attrs ?? {}) as Record<string, string>;
    return bytes === undefined ? record : { ...record, lost: { bytes: Number(bytes), reason: `${reason}` } };
  } catch {
    return undefined;
  }
}

function parseCri(line: Buffer): LogRecord | undefined {
  const [, time, stream, tag, text] = /^(\S+) (stdout|stderr) (\S+) (.*)$/s.exec(line.toString()) ?? [];
  if (time === undefined || tag === undefined || text === undefined) return undefined;
  const isPart = tag.split(':').includes('P');
  return { stream: stream as LogRecord['stream'], time, text: isPart ? text : `${text}\n` };
}
