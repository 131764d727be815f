import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { connectionError } from '../errors.ts';
import { AnswerBody } from './body.ts';

/** Bytes to send; opened again for each attempt. */
export interface RequestBody {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: RequestBody | undefined;
  /** How long the answer's first line may take, where it is not as usual. */
  readonly headersTimeoutMs?: number;
  /** Much is to be moved: over a connection of its own, not one that is shared. */
  readonly bulk?: boolean;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AnswerBody;
  /** Where the answer came from in the end. */
  readonly url: URL;
}

/**
 * Sends one request and answers as soon as the headers are there. Aborting ends the body as well.
 * @throws what undici throws, and the signal's reason; the body throws GantryError and the signal's reason
 */
export function send(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, body, signal } = request;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  let controller: Dispatcher.DispatchController | undefined;
  let answerBody: AnswerBody | undefined;
  const onAbort = () => {
    controller?.abort(signal.reason);
    settle(signal.reason);
  };
  const settle = (error?: unknown) => {
    signal.removeEventListener('abort', onAbort);
    answerBody?.settle(error === undefined ? undefined : connectionError(error, signal));
    if (error !== undefined) reject(error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers:
        body === undefined ? { ...request.headers } : { ...request.headers, 'content-length': String(body.sizeBytes) },
      ...(body === undefined ? {} : { body: body.open() }),
      ...(request.headersTimeoutMs === undefined ? {} : { headersTimeout: request.headersTimeoutMs }),
    } as Dispatcher.DispatchOptions,
    {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) started.abort(signal.reason);
      },
      onResponseStart(started, status, headers) {
        // An answer before the answer, as 103; only the last one counts.
        if (status < 200) return;
        answerBody = new AnswerBody(started);
        resolve({ status, headers, body: answerBody, url });
      },
      onResponseData: (_, chunk) => answerBody?.push(chunk),
      onResponseEnd: () => settle(),
      onResponseError: (_, error) => settle(error),
    },
  );
  return promise;
}
