import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const chunkBytes = 64 * 1024;
const pollMs = 50;
/** The writer may be a moment behind the end of the process. */
const settleMs = 200;

/**
 * The bytes of a file from its start. With `until` it goes on as the file grows, and ends a moment after that has settled.
 */
export async function* followFile(path: string, until?: Promise<unknown>): AsyncGenerator<Buffer, void, undefined> {
  const over = until?.then(
    () => true,
    () => true,
  );
  await using file = await open(path, 'r');
  let isOver = over === undefined;
  for (;;) {
    yield* readOn(file);
    if (isOver) return;
    const ended = await Promise.race([over, sleep(pollMs, false)]);
    if (!ended) continue;
    yield* readOn(file);
    await sleep(settleMs);
    isOver = true;
  }
}

async function* readOn(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
