/** What a handler is told about the call it serves, the same for gRPC and ttrpc. */
import { GantryError } from '../base/errors.ts';
import type { Init, Services } from './codec.ts';
import type { EncodedMessage } from './encoded.ts';
import type { ServiceName } from './registry.ts';

/** One call, as its handler sees it. */
export interface CallContext {
  /** `/package.Service/Method`. */
  readonly method: string;
  /** The namespace header; undefined when missing or empty. */
  readonly namespace: string | undefined;
  /** The lease header; undefined when missing or empty. */
  readonly leaseId: string | undefined;
  /** When the caller stops waiting, in milliseconds since the epoch; undefined if it never does. */
  readonly deadlineAtMs?: number | undefined;
  /** Aborts with a GantryError (canceled or deadline-exceeded) when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The caller's address; `unknown` on a Unix socket. */
  readonly peer: string;
  /** First value of a header, its name in lower case; undefined when missing. */
  header(name: string): string | undefined;
  /** Sends headers of the answer at once, ahead of its first message. Does nothing where there are none, as in ttrpc. */
  sendHeaders(headers: Readonly<Record<string, string>>): void;
}

/** Handler of one RPC, after its streaming kind. Streamed requests are to be read, or left, before returning. */
export type Handler<Method> = Method extends {
  request: infer Request;
  response: infer Response;
  requestStream: infer RequestStream;
  responseStream: infer ResponseStream;
}
  ? (
      request: RequestStream extends true ? AsyncIterable<Request> : Request,
      ctx: CallContext,
    ) => ResponseStream extends true
      ? AsyncIterable<Init<Response> | EncodedMessage>
      : Promise<Init<Response> | EncodedMessage>
  : never;

/** Handlers of a service by RPC name. An RPC without one answers unimplemented. */
export type Implementation<Name extends ServiceName> = {
  readonly [Method in keyof Services[Name]]?: Handler<Services[Name][Method]>;
};

/** Told once of every error that no handler meant to send: broken code, not a bad request. */
export type ReportError = (error: unknown, method: string) => void;

/** Whether an error was thrown to be sent, as against one that nobody expected and somebody has to look at. */
export function wasMeant(error: unknown): boolean {
  return error instanceof GantryError && error.kind !== 'internal';
}

/** What an RPC without a handler answers. */
export function unimplemented(method: string): GantryError {
  return new GantryError('unimplemented', `method ${method} not implemented`);
}

export const canceled = () => new GantryError('canceled', 'context canceled');
export const deadlineExceeded = () => new GantryError('deadline-exceeded', 'context deadline exceeded');
