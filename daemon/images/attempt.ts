import { failedPrecondition, GantryError } from '../../base/errors.ts';
import { linkedController } from '../../base/signals.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { PullSource, RemoteBlob } from '../../registry/repository.ts';
import type { IngestSink } from './ingest-sink.ts';
import { inParts, type PartBudget, partBytes } from './ranges.ts';
import { type StallLimits, StallWatch } from './stall.ts';

export interface Attempt {
  readonly source: PullSource;
  readonly descriptor: Descriptor;
  readonly sink: IngestSink;
  readonly stall: StallLimits;
  readonly budget: PartBudget;
  /** Off after an attempt in parts has failed. */
  readonly mayDivide: boolean;
}

/** A connection that brings less is helped by others beside it. Where it brings more, the disk and the cores have enough. */
const slowBytesPerMs = 100_000;
/** How long it is waited for before that is said. */
const probeMs = 500;
/** Not worth it for less. */
const divideBytes = 4 * partBytes;

/**
 * Brings what is missing of a blob, as far as it comes: what has arrived is in the sink, whatever ends the attempt.
 * @returns the host that it came from
 * @throws GantryError failed-precondition for a blob of another size; unavailable for one that ends early; deadline-exceeded
 *   for one that stalls
 */
export async function attempt(work: Attempt, { signal }: { readonly signal: AbortSignal }): Promise<string> {
  const { source, descriptor, sink } = work;
  using controller = linkedController(signal);
  await using remote = await source.fetch(descriptor, { offset: sink.offset, signal: controller.signal });
  checkSize(remote, descriptor);
  using watch = new StallWatch(work.stall, ({ kind, message }) => {
    controller.abort(new GantryError(kind, `${remote.host}: blob ${descriptor.digest}: ${message}`));
  });
  // A body need not notice.
  controller.signal.addEventListener('abort', () => void remote.close(), { once: true });
  try {
    const copy = { ...work, watch, signal: controller.signal };
    const rest = await copyHead(copy, remote);
    if (rest === 'divide') {
      await remote.close();
      await copyParts(copy);
    }
    return remote.host;
  } catch (error) {
    controller.signal.throwIfAborted();
    throw ofBlob(error, descriptor);
  } finally {
    await sink.drain();
  }
}

/** Connections know nothing of blobs. */
function ofBlob(error: unknown, { digest }: Descriptor): unknown {
  if (!(error instanceof GantryError) || error.message.includes(digest)) return error;
  return new GantryError(error.kind, `blob ${digest}: ${error.message}`, { cause: error });
}

interface Copy extends Attempt {
  readonly watch: StallWatch;
  readonly signal: AbortSignal;
}

async function copyHead(copy: Copy, remote: RemoteBlob): Promise<'done' | 'divide'> {
  const { sink, descriptor, watch } = copy;
  const { digest, size } = descriptor;
  const from = sink.offset;
  let waitingSince = performance.now();
  let waitedMs = 0;
  // A host without ranges sends again what is here.
  let skipBytes = from - remote.offset;
  if (skipBytes < 0) throw new GantryError('unavailable', `${remote.host}: blob ${digest}: begins too far on`);
  for await (const chunk of remote.body) {
    waitedMs += performance.now() - waitingSince;
    watch.received(chunk.length);
    const fresh = skipBytes === 0 ? chunk : chunk.subarray(Math.min(skipBytes, chunk.length));
    skipBytes -= chunk.length - fresh.length;
    await store(copy, fresh, remote.host);
    waitingSince = performance.now();
    if (!copy.mayDivide || !remote.takesRanges || size - sink.offset < divideBytes) continue;
    // The disk is waited for elsewhere: more of them would not help.
    if (waitedMs > probeMs && sink.offset - from < waitedMs * slowBytesPerMs) return 'divide';
  }
  checkEnd(copy, remote.host);
  return 'done';
}

async function copyParts(copy: Copy): Promise<void> {
  const { source, descriptor, sink, budget, watch } = copy;
  const open = (offset: number, length: number, signal: AbortSignal) =>
    source.fetch(descriptor, { offset, length, signal });
  let host = '';
  const opened: typeof open = async (...range) => {
    const remote = await open(...range);
    host = remote.host;
    return remote;
  };
  const parts = { from: sink.offset, end: descriptor.size, budget, open: opened };
  for await (const chunk of inParts(parts, { signal: copy.signal })) {
    watch.received(chunk.length);
    await store(copy, chunk, host);
  }
}

/** Hands on a chunk, waiting only where there is something to wait for. */
async function store({ sink, descriptor, watch }: Copy, chunk: Buffer, host: string): Promise<void> {
  if (sink.offset + chunk.length > descriptor.size) {
    throw failedPrecondition(`${host} sends more of blob ${descriptor.digest} than its ${descriptor.size} bytes`);
  }
  const stored = sink.push(chunk);
  if (stored === undefined) return;
  watch.pause();
  await stored;
  watch.resume();
}

function checkSize({ host, sizeBytes }: RemoteBlob, { digest, size }: Descriptor): void {
  if (sizeBytes === undefined || sizeBytes === size) return;
  throw failedPrecondition(`${host} has ${sizeBytes} bytes for blob ${digest}, which should have ${size}`);
}

function checkEnd({ sink, descriptor }: Copy, host: string): void {
  const { digest, size } = descriptor;
  if (sink.offset === size) return;
  throw new GantryError('unavailable', `${host}: blob ${digest} ended at byte ${sink.offset} of ${size}`);
}
