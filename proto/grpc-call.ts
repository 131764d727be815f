/** The context of one grpc-js call: headers, and an AbortSignal for cancellation and deadline, which grpc-js lacks. */
import type { EventEmitter } from 'node:events';
import { type Deadline, Metadata } from '@grpc/grpc-js';
import { type CallContext, canceled, deadlineExceeded } from './call-context.ts';

const NAMESPACE_HEADER = 'containerd-namespace';
const LEASE_HEADER = 'containerd-lease';

/** Longest delay setTimeout takes; a deadline further away than these 24 days is none. */
const maxTimerMs = 2 ** 31 - 1;

/** By how much a timer can be early on the clock that deadlines are told by: it counts from when its turn of the loop began. */
const earlyMs = 20;

/** What all four kinds of server call have in common. */
export interface AnyCall extends EventEmitter {
  readonly cancelled: boolean;
  readonly metadata: Metadata;
  /** Only for a single request. */
  readonly request?: unknown;
  getPeer(): string;
  getDeadline(): Deadline;
  sendMetadata(metadata: Metadata): void;
}

/** A context that lives as long as its call; disposing it removes its listener and timer. */
export interface CallScope extends Disposable {
  readonly ctx: CallContext;
}

/** Opens the context of a call. */
export function grpcCallScope(call: AnyCall, method: string): CallScope {
  const controller = new AbortController();
  // grpc-js also cancels a call whose deadline has passed, usually a moment before our own timer fires.
  const onCancelled = () => controller.abort(isPast(call.getDeadline()) ? deadlineExceeded() : canceled());
  const timer = deadlineTimer(call.getDeadline(), () => controller.abort(deadlineExceeded()));
  if (call.cancelled) onCancelled();
  else call.once('cancelled', onCancelled);
  const header = (name: string) => firstValue(call.metadata, name);
  return {
    ctx: {
      method,
      namespace: header(NAMESPACE_HEADER) || undefined,
      leaseId: header(LEASE_HEADER) || undefined,
      deadlineAtMs: finite(Number(call.getDeadline())),
      signal: controller.signal,
      peer: call.getPeer(),
      header,
      sendHeaders: (headers) => call.sendMetadata(metadataOf(headers)),
    },
    [Symbol.dispose]() {
      call.off('cancelled', onCancelled);
      clearTimeout(timer);
    },
  };
}

/** Without a deadline grpc-js tells of an infinite one. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** Node joins repeated headers with a comma and a space before grpc-js sees them. */
function firstValue(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0]?.toString().split(', ', 1)[0];
}

/** grpc-js answers an expired call by itself, but tells the handler only if nothing was sent yet: hence our own timer. */
function deadlineTimer(deadline: Deadline, onExpired: () => void): NodeJS.Timeout | undefined {
  const leftMs = Number(deadline) - Date.now();
  return leftMs > maxTimerMs ? undefined : setTimeout(onExpired, Math.max(leftMs, 0)).unref();
}

function isPast(deadline: Deadline): boolean {
  return Number(deadline) <= Date.now() + earlyMs;
}
