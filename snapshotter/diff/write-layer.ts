import { on } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { GantryError } from '../../base/errors.ts';
import { Limiter } from '../../base/limiter.ts';
import type { LayerMessage, LayerRequest } from './layer-request.ts';

const threads = new Limiter(availableParallelism());

/** From source the thread's program lies beside this file under its own name, and so it does in the bundle. */
const program = new URL(`./layer-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/**
 * Writes how two trees differ as a layer, on a thread of its own, as many at once as there are cores. When it resolves or
 * rejects, also after the signal, nothing in the trees is open any more.
 * @param store takes the bytes of the layer in order; the next come when its promise resolves
 * @returns the diff id
 */
export function writeLayer(
  request: LayerRequest,
  store: (bytes: Uint8Array) => Promise<void>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  return threads.run(async () => {
    const worker = new Worker(program, { workerData: request });
    try {
      return await receive(worker, store, options);
    } finally {
      // What the thread has opened is closed with it.
      await worker.terminate();
    }
  }, options);
}

async function receive(
  worker: Worker,
  store: (bytes: Uint8Array) => Promise<void>,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const options = { close: ['exit'], ...(signal === undefined ? {} : { signal }) };
  for await (const [message] of on(worker, 'message', options) as AsyncIterable<[LayerMessage]>) {
    if (message.part === 'end') return message.diffId;
    if (message.part === 'failure') throw new GantryError(message.kind, message.text);
    await store(message.bytes);
    worker.postMessage('taken');
  }
  throw new GantryError('internal', 'the thread that writes the layer has ended early');
}
