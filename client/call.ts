/** One RPC at a time over grpc-js: promises, async iterables, abort signals and GantryErrors instead of its callbacks. */
import type { Client as GrpcClient, CallOptions as GrpcOptions, Metadata, ServiceError } from '@grpc/grpc-js';
import { GantryError } from '../base/errors.ts';
import type { MethodDefinition } from '../proto/service.ts';
import { fromStatus, kindOf } from '../proto/status.ts';

export interface CallOptions {
  /** Cancels the call; it then throws the signal's reason if that is a GantryError, else a canceled error. */
  signal?: AbortSignal | undefined;
  /** Without it a call may take for ever. */
  timeoutMs?: number | undefined;
  /** Waits for the daemon to come (back) up instead of failing at once. */
  waitForReady?: boolean | undefined;
}

/** What a call needs of its connection. */
export interface Caller {
  readonly grpc: GrpcClient;
  metadata(options: CallOptions): Metadata;
  /** Says more about an error of the transport than the transport can. */
  explain(error: GantryError): GantryError;
}

type Method = MethodDefinition<unknown, unknown>;
interface Cancelable {
  cancel(): void;
}

export function unaryCall(caller: Caller, method: Method, request: unknown, options: CallOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let release = () => {};
    const settle = (error: ServiceError | null, response?: unknown) => {
      release();
      if (error === null) resolve(response);
      else reject(toError(caller, error, options.signal));
    };
    try {
      options.signal?.throwIfAborted();
      const { path, requestSerialize, responseDeserialize } = method;
      const metadata = caller.metadata(options);
      const send = requestSerialize as (request: unknown) => Buffer;
      const call = caller.grpc.makeUnaryRequest(
        path,
        send,
        responseDeserialize,
        request,
        metadata,
        limits(options),
        settle,
      );
      release = cancelOnAbort(call, options.signal);
    } catch (error) {
      reject(toError(caller, error, options.signal));
    }
  });
}

export async function* serverStream(
  caller: Caller,
  method: Method,
  request: unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  options.signal?.throwIfAborted();
  const { path, requestSerialize, responseDeserialize } = method;
  const metadata = caller.metadata(options);
  const call = caller.grpc.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request as never,
    metadata,
    limits(options),
  );
  yield* responses(caller, call, options);
}

/**
 * Sends `requests` as fast as the peer takes them and yields what comes back. Failing to produce a request cancels the
 * call and throws that error; leaving the loop early stops `requests`.
 */
export async function* bidiStream(
  caller: Caller,
  method: Method,
  requests: AsyncIterable<unknown>,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  options.signal?.throwIfAborted();
  const { path, requestSerialize, responseDeserialize } = method;
  const metadata = caller.metadata(options);
  const call = caller.grpc.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    metadata,
    limits(options),
  );
  const source = requests[Symbol.asyncIterator]();
  let failure: { error: unknown } | undefined;
  const over = Promise.withResolvers<void>();
  call.once('close', over.resolve).once('status', () => over.resolve());
  const sending = send(source, call, over.promise).catch((error: unknown) => {
    failure = { error };
    call.cancel();
  });
  try {
    yield* responses(caller, call, options);
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  } finally {
    over.resolve();
    await sending;
  }
}

async function send(
  source: AsyncIterator<unknown>,
  call: { write(request: never): boolean; end(): void; once(event: 'drain', listener: () => void): unknown },
  over: Promise<void>,
): Promise<void> {
  let open = true;
  let stop = () => {};
  over.then(() => {
    open = false;
    stop();
  });
  // Not a race with `over`: that would keep what every race was won by, all requests, for as long as the call lasts.
  const unlessOver = <T>(step: Promise<T>) =>
    new Promise<T | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      step.then(resolve, reject);
    });
  try {
    while (open) {
      const next = await unlessOver(source.next());
      if (!open || next === undefined || next.done === true) break;
      const flowing = call.write(next.value as never);
      if (!flowing) await unlessOver(new Promise<void>((resolve) => call.once('drain', resolve)));
    }
    call.end();
  } finally {
    // Not awaited: a source in the middle of next() would be waited for although nobody wants its item any more.
    source.return?.()?.catch(() => undefined);
  }
}

async function* responses(
  caller: Caller,
  call: AsyncIterable<unknown> & Cancelable & { on(event: 'error', listener: () => void): unknown },
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  // The loop sees the error too; without a listener one that comes after the loop was left would be uncaught.
  call.on('error', () => undefined);
  const release = cancelOnAbort(call, options.signal);
  try {
    yield* call;
  } catch (error) {
    throw toError(caller, error, options.signal);
  } finally {
    release();
    call.cancel();
  }
}

function cancelOnAbort(call: Cancelable, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

function limits(options: CallOptions): GrpcOptions {
  return options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
}

function toError(caller: Caller, error: unknown, signal: AbortSignal | undefined): GantryError {
  if (error instanceof GantryError) return error;
  if (signal?.aborted) {
    const { reason } = signal;
    if (reason instanceof GantryError) return reason;
    const isLate = kindOf(reason) === 'deadline-exceeded';
    return new GantryError(
      isLate ? 'deadline-exceeded' : 'canceled',
      isLate ? 'context deadline exceeded' : 'context canceled',
      {
        cause: reason,
      },
    );
  }
  const { code, details } = error as Partial<ServiceError>;
  if (typeof code === 'number') return caller.explain(fromStatus({ code, message: details ?? '' }));
  return new GantryError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
