import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Pipe } from '../../native/sys.ts';

/**
 * Runs `body` with the reading end of a pipe through which chunks come, no faster than they are read. Both have ended when
 * it resolves or rejects.
 * @param chunks the bytes; the signal tells that nobody wants any more
 * @throws what ended the chunks early, rather than what that made of `body`
 */
export async function throughPipe<T>(
  { reader, writer }: Pipe,
  chunks: (signal: AbortSignal) => AsyncIterable<Buffer>,
  body: (fd: number) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const source = async function* () {
    try {
      yield* chunks(over.signal);
    } catch (error) {
      if (!over.signal.aborted) failure = { error };
      throw error;
    }
  };
  // Not a thread that waits in write(2): enough of them would keep the reader from getting one.
  const socket = new Socket({ fd: writer.fd, readable: false, writable: true });
  // A reader that wants no more closes the pipe, which is no failure.
  const feeding = pipeline(source, socket).catch(() => undefined);
  try {
    const value = await body(reader.fd);
    if (failure === undefined) return value;
  } catch (error) {
    if (failure === undefined) throw error;
  } finally {
    over.abort();
    reader.close();
    await feeding;
  }
  throw failure.error;
}
