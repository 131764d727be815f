import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { HTTPDebug } from '../../proto/gen/api/types/transfer/registry.ts';
import type { HttpExchange, OnExchange } from '../../registry/http/exchange.ts';
import { ByteSender } from './byte-sender.ts';
import type { Transfer } from './transfer.ts';

/** How long the end of a transfer waits for a client to take what there is left. */
const patienceMs = 1_000;
/** What a slow client may be behind; what would be more is left out and counted. */
const maxWaitingBytes = 1024 * 1024;

/**
 * Where the requests of a transfer are told: their heads on the client's stream, or in the daemon's log where the client
 * gives none; for traces one line each in the daemon's log. Secrets are masked before.
 */
export function httpLog(transfer: Transfer, debug: HTTPDebug, streamName: string): OnExchange | undefined {
  const { ctx, deps } = transfer;
  const sinks: OnExchange[] = [];
  if (debug === 'DEBUG' || debug === 'BOTH') {
    const log = (text: string) => deps.log.info({ namespace: ctx.namespace }, text);
    const write = streamName === '' ? log : lineWriter(transfer, streamName);
    sinks.push((exchange) => write(headsOf(exchange)));
  }
  if (debug === 'TRACE' || debug === 'BOTH') {
    sinks.push((exchange) => deps.log.debug({ namespace: ctx.namespace, ...exchange }, 'request to a registry'));
  }
  if (sinks.length === 0) return undefined;
  return (exchange) => {
    for (const sink of sinks) sink(exchange);
  };
}

/** Both heads as HTTP has them. */
function headsOf({ method, url, requestHeaders, durationMs, answer }: HttpExchange): string {
  const lines = (mark: string, headers: Readonly<Record<string, string>>) =>
    Object.entries(headers).map(([name, value]) => `${mark} ${name}: ${value}`);
  const answered =
    'error' in answer
      ? [`! ${answer.error} (${durationMs} ms)`]
      : [`< ${answer.status} (${durationMs} ms)`, ...lines('<', answer.headers)];
  return `${[`> ${method} ${url}`, ...lines('>', requestHeaders), ...answered].join('\n')}\n\n`;
}

/** Writes to a stream of the client, without ever waiting for it. */
function lineWriter({ ctx, claim, atEnd, deps }: Transfer, name: string): (text: string) => void {
  const sender = new ByteSender(claim(name), { signal: ctx.signal });
  let writing: Promise<void> = Promise.resolve();
  let waitingBytes = 0;
  let leftOut = 0;
  const queue = (text: string) => {
    const bytes = Buffer.from(text);
    waitingBytes += bytes.length;
    writing = writing
      .then(() => sender.write(bytes))
      .catch((error: unknown) => deps.log.debug({ stream: name, error: messageOf(error) }, 'nobody reads the log'))
      .finally(() => {
        waitingBytes -= bytes.length;
      });
  };
  atEnd(() => Promise.race([writing, setTimeout(patienceMs, undefined, { ref: false })]));
  return (text) => {
    if (waitingBytes > maxWaitingBytes) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0) queue(`${leftOut} requests were left out\n\n`);
    leftOut = 0;
    queue(text);
  };
}
