import { GantryError, invalidArgument } from '../../base/errors.ts';
import { pack, unpack } from '../../proto/any.ts';
import { implement } from '../../proto/handler.ts';
import type { Streams } from '../transfer/streams.ts';
import { inNamespace } from './context.ts';

/** A client that has not said within this time which stream it opens is not going to. */
const initTimeoutMs = 30_000;

export const streamingHandlers = (streams: Streams) =>
  implement('containerd.services.streaming.v1.Streaming', {
    Stream: async function* (requests, call) {
      const incoming = requests[Symbol.asyncIterator]();
      const first = await withTimeout(incoming.next());
      if (first.done === true) throw invalidArgument('stream ended before it was named');
      const { id } = unpack('containerd.services.streaming.v1.StreamInit', first.value);
      using opened = streams.open(inNamespace(call), id, incoming);
      yield pack('google.protobuf.Empty', {});
      yield* opened.stream.outgoing(call.signal);
    },
  });

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new GantryError('deadline-exceeded', `stream was not named within ${initTimeoutMs} ms`));
  }, initTimeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
