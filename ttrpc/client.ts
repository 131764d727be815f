/** Calls over one ttrpc connection, any number at once; answers may come in any order. */
import { connect as connectSocket, type Socket } from 'node:net';
import { GantryError, messageOf } from '../base/errors.ts';
import { canceled, deadlineExceeded, unimplemented } from '../proto/call-context.ts';
import { decode, encode, type Init, type Messages, type ServiceName, type Services } from '../proto/codec.ts';
import type { MessageName } from '../proto/registry.ts';
import { methodShapes } from '../proto/service.ts';
import { fromStatus } from '../proto/status.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameType, MAX_DATA_BYTES, tooLong } from './frame.ts';
import { NAMESPACE_KEY } from './metadata.ts';

/** A peer that does not read leaves at most this much of ours waiting. */
const maxQueuedBytes = 4 * MAX_DATA_BYTES;
const maxStreamId = 0xffff_ffff;
const maxTimerMs = 2 ** 31 - 1;

/** How to make one call. */
export interface CallOptions {
  /** The call fails with deadline-exceeded after this time, which the server is told; undefined is no limit. */
  readonly timeoutMs?: number | undefined;
  readonly namespace?: string | undefined;
  /** More headers, keys in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The call fails with its reason, or canceled, when it aborts; the server is not told, ttrpc has no message for it. */
  readonly signal?: AbortSignal | undefined;
}

/** The RPCs of a service that are not streams. */
export type UnaryMethod<Name extends ServiceName> = {
  [Method in keyof Services[Name]]: Services[Name][Method] extends { requestStream: false; responseStream: false }
    ? Method
    : never;
}[keyof Services[Name]] &
  string;

type RequestOf<Method> = Method extends { request: infer Request } ? Request : never;
type ResponseOf<Method> = Method extends { response: infer Response } ? Response : never;

/** Where the answer to an outstanding call goes. */
interface Pending {
  readonly resolve: (response: Messages['ttrpc.Response']) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A client over a connected socket, which it owns from then on. Once the connection is closed, by either side, every
 * outstanding and later call fails with kind unavailable and the message `ttrpc: closed`.
 */
export class TtrpcClient {
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #nextStreamId = 1;
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) this.#receive(frame);
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { reject } of this.#pending.values()) reject(this.#closedError());
        this.#pending.clear();
        resolve();
      });
    });
  }

  /** Calls one RPC and returns its answer. Throws what the server answered, as a GantryError. */
  async call<Name extends ServiceName, Method extends UnaryMethod<Name>>(
    service: Name,
    method: Method,
    request: Init<RequestOf<Services[Name][Method]>>,
    options: CallOptions = {},
  ): Promise<ResponseOf<Services[Name][Method]>> {
    const shape = methodShapes(service).get(method);
    if (!shape) throw unimplemented(method);
    const response = await this.#exchange(
      {
        service,
        method,
        payload: encode(shape.requestName, request as Init<Messages[MessageName]>),
        timeoutNano: Math.round((options.timeoutMs ?? 0) * 1e6),
        metadata: metadataOf(options),
      },
      options,
    );
    const { status, payload } = response;
    if (status && status.code !== 0) throw fromStatus(status);
    return decode(shape.responseName, payload) as ResponseOf<Services[Name][Method]>;
  }

  /** Closes the connection; outstanding calls fail. */
  close(): void {
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  #exchange(request: Init<Messages['ttrpc.Request']>, { timeoutMs, signal }: CallOptions) {
    return new Promise<Messages['ttrpc.Response']>((resolve, reject) => {
      if (signal?.aborted) return reject(reasonOf(signal));
      const streamId = this.#send(request);
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => settle(() => reject(deadlineExceeded())), Math.min(timeoutMs, maxTimerMs));
      const onAbort = () => settle(() => reject(reasonOf(signal)));
      const settle = (how: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(streamId);
        how();
      };
      signal?.addEventListener('abort', onAbort);
      this.#pending.set(streamId, {
        resolve: (response) => settle(() => resolve(response)),
        reject: (error) => settle(() => reject(error)),
      });
    });
  }

  /** Writes a request and returns its stream id. */
  #send(request: Init<Messages['ttrpc.Request']>): number {
    if (this.#socket.destroyed || this.#nextStreamId > maxStreamId) throw this.#closedError();
    if (this.#socket.writableLength > maxQueuedBytes) throw new GantryError('unavailable', 'ttrpc: peer does not read');
    const streamId = this.#nextStreamId;
    this.#socket.write(encodeFrame(streamId, FrameType.request, 0, encode('ttrpc.Request', request)));
    this.#nextStreamId += 2;
    return streamId;
  }

  /** An answer nobody waits for any more, or a frame that is no answer, is dropped. */
  #receive(frame: Frame): void {
    const pending = this.#pending.get(frame.streamId);
    if (!pending || frame.type !== FrameType.response) return;
    try {
      if (frame.dataBytes > MAX_DATA_BYTES) throw tooLong(frame.dataBytes);
      pending.resolve(decode('ttrpc.Response', frame.data));
    } catch (error) {
      pending.reject(error as GantryError);
    }
  }

  #closedError(): GantryError {
    return new GantryError('unavailable', 'ttrpc: closed', { cause: this.#failure });
  }
}

/** A call that is given up for its deadline has failed by that. */
function reasonOf(signal: AbortSignal | undefined): GantryError {
  const reason: unknown = signal?.reason;
  return reason instanceof GantryError ? reason : canceled();
}

/** Connects to a Unix socket: a path, or an abstract name behind a NUL. Throws unavailable when nobody serves it. */
export function connect(path: string, options: { signal?: AbortSignal } = {}): Promise<TtrpcClient> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ path });
    const onAbort = () => socket.destroy(reasonOf(options.signal));
    const onError = (error: Error) => {
      options.signal?.removeEventListener('abort', onAbort);
      if (error instanceof GantryError) reject(error);
      else reject(new GantryError('unavailable', `ttrpc: connect to ${path}: ${messageOf(error)}`, { cause: error }));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      options.signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      resolve(new TtrpcClient(socket));
    });
    if (options.signal?.aborted) onAbort();
    else options.signal?.addEventListener('abort', onAbort);
  });
}

function metadataOf({ metadata = {}, namespace }: CallOptions): { key: string; value: string }[] {
  const entries = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  return namespace === undefined ? entries : [{ key: NAMESPACE_KEY, value: namespace }, ...entries];
}
