import { posix } from 'node:path';
import { pipeline, type Readable, type Writable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { GantryError, invalidArgument, messageOf } from '../base/errors.ts';
import { decompressed } from './decompress.ts';

const maxEntries = 100_000;
/** As long as Linux lets a path be. */
const maxPathLength = 4_096;

/** How to read an archive. */
export interface ReadOptions {
  /** Told the number of bytes of the source read so far. */
  onBytes?: ((readBytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A member of the archive; the next one comes when this one has been read to its end. */
export type Entry = Readable & { readonly header: Header };

/**
 * The members of a tar archive, plain or compressed, from front to back. Memory does not grow with the archive or with any
 * member; a header larger than 4 MiB is refused. Paths are only names: nothing is made of them on disk.
 * @throws GantryError invalid-argument for anything but an intact archive; canceled
 */
export async function* entriesOf(
  source: AsyncIterable<Uint8Array>,
  { onBytes, signal }: ReadOptions,
): AsyncGenerator<{ path: string; entry: Entry }> {
  const tar = extract();
  let count = 0;
  let plain: Readable | undefined;
  const abort = () => plain?.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    plain = await decompressed(metered(source, onBytes));
    // Its failures come out of the loop below.
    pipeline(plain, tar as unknown as Writable, () => undefined);
    for await (const entry of tar) {
      count += 1;
      if (count > maxEntries) throw invalidArgument(`archive: more than ${maxEntries} files`);
      if (entry.header.name.length > maxPathLength || (entry.header.linkname?.length ?? 0) > maxPathLength) {
        throw invalidArgument(`archive: a path is longer than ${maxPathLength} characters`);
      }
      yield { path: posix.normalize(entry.header.name), entry: entry as unknown as Entry };
    }
  } catch (error) {
    // What breaks then breaks because of it: the source may have ended before its time.
    throw asBroken(signal?.aborted ? signal.reason : error);
  } finally {
    signal?.removeEventListener('abort', abort);
    plain?.destroy();
  }
}

/** What reading an archive can throw, as an error of ours; those of the store and of the caller stay as they are. */
export function asBroken(error: unknown): GantryError {
  const told = asCanceled(error);
  if (told instanceof GantryError) return told;
  return new GantryError('invalid-argument', `archive: ${messageOf(error)}`, { cause: error });
}

/** An abort as an error of ours, anything else as it is. */
export function asCanceled(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'AbortError') return error;
  return new GantryError('canceled', 'context canceled', { cause: error });
}

async function* metered(
  source: AsyncIterable<Uint8Array>,
  onBytes: ReadOptions['onBytes'],
): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  for await (const chunk of source) {
    readBytes += chunk.length;
    onBytes?.(readBytes);
    yield chunk;
  }
}
