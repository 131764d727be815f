/** Streams of grpc-js calls as async iterables, with back-pressure both ways. */
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A call whose requests are a stream. */
export type RequestStream = Readable;
/** A call whose responses are a stream. */
export type ResponseStream = Writable;

/**
 * Requests in order. Each is asked of the peer when the handler wants it, apart from those grpc-js reads ahead. Ends when
 * the client half-closes; throws the signal's reason when the call is over before. Leaving the loop early leaves the call
 * open, so that an answer can still be sent, which Node's own iterator would prevent by destroying the stream.
 */
export async function* readRequests(call: RequestStream, signal: AbortSignal): AsyncGenerator<unknown, void, void> {
  limitReadAhead(call);
  for (;;) {
    signal.throwIfAborted();
    const request: unknown = call.read();
    if (request !== null) yield request;
    else if (call.readableEnded) return halfClosed(signal);
    else await readable(call, signal);
  }
}

/**
 * A reset stream ends first and is known to be cancelled a few ticks later. A handler must not take that end for a
 * complete upload, so the end counts only when no cancellation has followed by the next turn of the event loop.
 */
async function halfClosed(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}

/**
 * grpc-js reads ahead sixteen messages, which at 16 MiB each is too much memory for one slow call; it has no option, so
 * the limit is set on the stream it made, before the first read.
 */
function limitReadAhead(call: RequestStream): void {
  const { _readableState: state } = call as unknown as { _readableState?: { highWaterMark: number } };
  if (state) state.highWaterMark = 1;
}

/** Resolves when reading is worth another try: data, the end, or the end of the call. */
function readable(call: RequestStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('readable', done).off('end', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('readable', done).on('end', done).on('close', done);
    signal.addEventListener('abort', done);
  });
}

/** How much may be on its way to a client. Small answers by the thousand are not worth a round to the kernel each. */
const maxUnsentBytes = 64 * 1024;

/**
 * Sends responses as they come. With more than a little on its way nothing is sent, and hence nothing asked for, so a
 * slow client slows its producer down. Resolves when the last one is on its way, behind which the end of the call
 * queues; throws the signal's reason when the call is over before.
 */
export async function writeResponses(
  call: ResponseStream,
  responses: AsyncIterable<unknown>,
  encode: (response: unknown) => Buffer,
  signal: AbortSignal,
): Promise<void> {
  let flushed: Promise<void> = Promise.resolve();
  let unsentBytes = 0;
  for await (const response of responses) {
    if (unsentBytes > maxUnsentBytes) await flushed;
    signal.throwIfAborted();
    const bytes = encode(response);
    unsentBytes += bytes.length;
    flushed = write(call, bytes, signal).then(() => {
      unsentBytes -= bytes.length;
    });
  }
  signal.throwIfAborted();
}

/** Resolves when the bytes are with the kernel, or the call is over: grpc-js drops the callback of a cancelled write. */
function write(call: ResponseStream, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    call.write(bytes, done);
  });
}
