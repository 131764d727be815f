import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError } from '../../base/errors.ts';
import { LogFile } from './log-file.ts';

const pollMs = 50;
/** The writer may be behind the end of the process: it is done when it was quiet for so long. */
const settleMs = 200;
/** Others may hold the output open and write on: they are not waited for longer than this. */
const maxSettleMs = 10_000;
const newestTries = 200;
const newestPauseMs = 5;

export interface ReadOptions {
  /** Goes on as the log grows until this has settled and no more came for a moment. */
  readonly until?: Promise<unknown> | undefined;
  /** Begins with the last so many lines. */
  readonly tail?: number | undefined;
}

/**
 * The lines of a log that is rotated (path.1 is older than path) while it is read: each once, in order. Only files that
 * were removed before their turn, because the writer is that much faster, are missed.
 */
export async function* readRotated(path: string, { until, tail }: ReadOptions = {}): AsyncGenerator<Buffer[]> {
  const over = until?.then(
    () => true,
    () => true,
  );
  // Open are those in the queue.
  let queue = await openAll(path);
  try {
    if (tail !== undefined) queue = await skipTo(queue, tail);
    let quietBy = over === undefined ? 0 : undefined;
    let hasGrown = false;
    for (;;) {
      // All but the newest are complete.
      while (queue.length > 1) {
        yield* (queue[0] as LogFile).lines();
        await queue.shift()?.close();
      }
      const [current] = queue;
      if (current === undefined) return;
      for await (const lines of current.lines()) {
        hasGrown = true;
        yield lines;
      }
      const newer = await openNewer(path, current);
      if (newer.length > 0) {
        // Nothing is written to a file once there is a newer one, so this is the end of it.
        yield* current.lines();
        await current.close();
        queue = newer;
        hasGrown = true;
      } else if (quietBy !== undefined && (!hasGrown || performance.now() > quietBy)) {
        return;
      } else if (await Promise.race([over, sleep(pollMs, false)])) {
        quietBy ??= performance.now() + maxSettleMs;
        hasGrown = false;
        await sleep(settleMs);
      }
    }
  } finally {
    for (const file of queue) await file.close();
  }
}

/**
 * All files of a log, the oldest first; or only those from the one with the inode `from` on.
 *
 * The writer renames one file after the other, the oldest first, so one number is free while it does, and the names are
 * never those of one moment. But a file's number only ever grows, and we go through them upwards: what was not seen yet is
 * ahead of us, and of two files the older is seen last, so the last sight of each gives their order.
 */
async function openAll(path: string, from?: bigint): Promise<LogFile[]> {
  const files = new Map<bigint, LogFile>();
  try {
    for (let number = 0; ; number += 1) {
      const file = number === 0 ? await openNewest(path) : await openIfThere(nameOf(path, number));
      if (file === undefined) {
        if (await isPastLast(path, number)) break;
        continue;
      }
      await files.get(file.inode)?.close();
      files.delete(file.inode);
      files.set(file.inode, file);
      if (file.inode === from) break;
    }
  } catch (error) {
    for (const file of files.values()) await file.close();
    throw error;
  }
  return [...files.values()].reverse();
}

/** Between two names there is no newest file for a moment. */
async function openNewest(path: string): Promise<LogFile> {
  for (let tries = 0; tries < newestTries; tries += 1) {
    const file = await openIfThere(path);
    if (file !== undefined) return file;
    await sleep(newestPauseMs);
  }
  throw gone(path);
}

/** Whether there are no files from this number on: within one rotation no two numbers are free but after the last. */
async function isPastLast(path: string, number: number): Promise<boolean> {
  for (let tries = 0; tries < newestTries; tries += 1) {
    const before = await inodeOf(path);
    for (const n of [number, number + 1]) {
      if ((await inodeOf(nameOf(path, n))) !== undefined) return false;
    }
    if (before !== undefined && (await inodeOf(path)) === before) return true;
    await sleep(newestPauseMs);
  }
  throw gone(path);
}

function gone(path: string): GantryError {
  return new GantryError('unavailable', `log ${path} is gone or is rotated too fast to be read`);
}

function nameOf(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`;
}

/** The files that came after `current`. */
async function openNewer(path: string, current: LogFile): Promise<LogFile[]> {
  const inode = await inodeOf(path);
  // Between two names there is no file for a moment.
  if (inode === undefined || inode === current.inode) return [];
  const files = await openAll(path, current.inode);
  if (files[0]?.inode === current.inode) await files.shift()?.close();
  return files;
}

/** Leaves out the files before the last `tail` lines, and the lines before them in the first that is left. */
async function skipTo(files: LogFile[], tail: number): Promise<LogFile[]> {
  let missing = tail;
  for (let index = files.length - 1; index >= 0; index -= 1) {
    missing = (await files[index]?.seekLines(missing)) ?? 0;
    if (missing === 0) {
      for (const file of files.splice(0, index)) await file.close();
      break;
    }
  }
  return files;
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

async function openIfThere(path: string): Promise<LogFile | undefined> {
  return LogFile.open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
