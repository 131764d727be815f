/** One accepted ttrpc connection: checks frames, runs handlers side by side, writes their answers. */
import type { Socket } from 'node:net';
import { GantryError, messageOf } from '../base/errors.ts';
import { type CallContext, canceled, deadlineExceeded, type ReportError, wasMeant } from '../proto/call-context.ts';
import { decode, encode, type Init, type Messages } from '../proto/codec.ts';
import type { ServiceHandlers } from '../proto/handler.ts';
import type { MessageName } from '../proto/registry.ts';
import { type MethodShape, methodShapes } from '../proto/service.ts';
import { toStatus } from '../proto/status.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameType, MAX_DATA_BYTES, tooLong } from './frame.ts';
import { NAMESPACE_KEY } from './metadata.ts';

/** With this many calls running or unanswered, the connection is not read from: the peer feels it as a full socket. */
const maxRunning = 64;
const maxTimerMs = 2 ** 31 - 1;

type Request = Messages['ttrpc.Request'];

/** A call to run. */
interface Call {
  readonly shape: MethodShape;
  readonly handler: (request: unknown, ctx: CallContext) => Promise<unknown>;
}

/** Owns its socket until either side closes it. */
export class Connection {
  readonly #socket: Socket;
  readonly #services: ReadonlyMap<string, ServiceHandlers>;
  readonly #report: ReportError;
  /** One for each running call. */
  readonly #running = new Set<AbortController>();
  #lastStreamId = 0;

  constructor(socket: Socket, services: ReadonlyMap<string, ServiceHandlers>, report: ReportError) {
    this.#socket = socket;
    this.#services = services;
    this.#report = report;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) void this.#receive(frame);
      if (this.#running.size >= maxRunning) socket.pause();
    });
    socket.on('error', () => {}); // 'close' follows and is all that matters
    socket.once('close', () => {
      for (const controller of this.#running) controller.abort(canceled());
    });
  }

  /** Drops the connection. */
  close(): void {
    this.#socket.destroy();
  }

  /** Answers one frame; an error that has no request of ours goes back on the id it came with. */
  async #receive(frame: Frame): Promise<void> {
    const isRequest = frame.type === FrameType.request;
    if (!isRequest && frame.type !== FrameType.data) return;
    const controller = new AbortController();
    this.#running.add(controller);
    try {
      this.#check(frame);
      const request = decodeRequest(frame.data);
      await this.#respond(frame.streamId, { payload: await this.#run(request, controller) });
    } catch (error) {
      await this.#respond(frame.streamId, { status: toStatus(error) });
    } finally {
      this.#running.delete(controller);
      if (this.#running.size < maxRunning) this.#socket.resume();
    }
  }

  /** Throws what Go's server answers to a frame that breaks the rules; a request that keeps them takes its id. */
  #check({ streamId, type, dataBytes }: Frame): void {
    const refuse = (text: string) => new GantryError('invalid-argument', text);
    if (dataBytes > MAX_DATA_BYTES) throw tooLong(dataBytes);
    if (streamId % 2 !== 1) throw refuse('StreamID must be odd for client initiated streams');
    if (type === FrameType.data) throw refuse('StreamID is no longer active');
    if (streamId <= this.#lastStreamId) throw refuse('StreamID cannot be re-used and must increment');
    this.#lastStreamId = streamId;
  }

  /** Runs the handler of a request and encodes its answer. */
  async #run(request: Request, controller: AbortController): Promise<Buffer> {
    const { shape, handler } = this.#find(request);
    const timer = deadlineTimer(request.timeoutNano, controller);
    try {
      const response = await handler(decode(shape.requestName, request.payload), context(request, controller.signal));
      const payload = encode(shape.responseName, response as Init<Messages[MessageName]>);
      if (payload.length > MAX_DATA_BYTES) throw tooLong(payload.length);
      return payload;
    } catch (error) {
      if (!controller.signal.aborted && !wasMeant(error)) this.#report(error, shape.path);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #find({ service: serviceName, method }: Request): Call {
    const service = this.#services.get(serviceName);
    if (!service) throw new GantryError('unimplemented', `service ${serviceName}`);
    const shape = methodShapes(service.name).get(method);
    const handler = service.handler(method);
    if (!shape || !handler || shape.requestStream || shape.responseStream) {
      throw new GantryError('unimplemented', `method ${method}`);
    }
    return { shape, handler: handler as Call['handler'] };
  }

  /** Resolves when the answer is with the kernel, or the connection is gone. */
  #respond(streamId: number, response: Init<Messages['ttrpc.Response']>): Promise<void> {
    const frame = encodeFrame(streamId, FrameType.response, 0, encode('ttrpc.Response', response));
    return new Promise((resolve) => {
      this.#socket.write(frame, () => resolve());
    });
  }
}

function decodeRequest(data: Buffer): Request {
  try {
    return decode('ttrpc.Request', data);
  } catch (error) {
    throw new GantryError('invalid-argument', `unmarshal request error: ${messageOf(error)}`, { cause: error });
  }
}

function context({ service, method, metadata }: Request, signal: AbortSignal): CallContext {
  const header = (name: string) => metadata.find(({ key }) => key.toLowerCase() === name)?.value;
  return {
    method: `/${service}/${method}`,
    namespace: header(NAMESPACE_KEY) || undefined,
    leaseId: undefined,
    signal,
    peer: 'unknown',
    header,
    sendHeaders: () => undefined,
  };
}

function deadlineTimer(timeoutNano: number, controller: AbortController): NodeJS.Timeout | undefined {
  if (timeoutNano === 0) return undefined;
  const leftMs = Math.min(Math.max(timeoutNano / 1e6, 0), maxTimerMs);
  return setTimeout(() => controller.abort(deadlineExceeded()), leftMs).unref();
}
