import type { OnProgress, TransferProgress } from '../../../client/transfer/progress.ts';
import { printJsonLine } from '../print.ts';
import { formatDuration, formatSize } from '../units.ts';
import { TransferLog } from './line.ts';
import { LiveTransfer } from './live.ts';
import { TransferState } from './state.ts';

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet?: boolean | undefined;
}

/**
 * Runs a transfer, telling of it on standard error: drawn where that is a terminal, else a line whenever something happens to
 * a part. With JSON it is an object per event on standard output instead, and nothing if it is to be quiet.
 */
export async function reportTransfer<T>(
  title: string,
  { json, quiet = false }: ReportOptions,
  work: (onProgress: OnProgress | undefined) => Promise<T>,
): Promise<T> {
  if (quiet) return work(undefined);
  if (json) return work((progress) => printJsonLine(toJson(progress)));
  const startMs = performance.now();
  const state = new TransferState();
  const result = await told(title, state, work);
  process.stderr.write(`${summary(state, performance.now() - startMs)}\n`);
  return result;
}

async function told<T>(title: string, state: TransferState, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  if (process.stderr.isTTY) {
    using live = new LiveTransfer(title, state, process.stderr);
    return await work((progress) => live.update(progress));
  }
  const log = new TransferLog();
  return work((progress) => {
    state.update(progress, performance.now());
    const line = log.lineOf(progress);
    if (line !== undefined) process.stderr.write(`${line}\n`);
  });
}

/** What went over the network, in how long. */
function summary(state: TransferState, elapsedMs: number): string {
  const { movedBytes } = state.totals(performance.now());
  const seconds = elapsedMs / 1000;
  if (movedBytes === 0) return 'everything was there already';
  const time = seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
  return `${formatSize(movedBytes)} in ${time} (${formatSize(movedBytes / seconds)}/s)`;
}

function toJson({ event, name, parents, progress, total, desc }: TransferProgress): object {
  const blob = desc === null ? {} : { digest: desc.digest, mediaType: desc.mediaType, sizeBytes: desc.size };
  return { event, name, parents, doneBytes: progress, totalBytes: total, ...blob };
}
