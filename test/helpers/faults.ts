import type { OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faulty-registry.ts';

const chunk = Buffer.alloc(1 << 16, 0x20);

/** The first `count` requests get the fault, those after are served. */
export function first(count: number, fault: Fault): Fault {
  let left = count;
  return (exchange) => (left-- > 0 ? fault(exchange) : false);
}

/** Only requests with that method. */
export function onlyFor(method: string, fault: Fault): Fault {
  return (exchange) => (exchange.served.method === method ? fault(exchange) : false);
}

/** Answers with that status and body instead. */
export function says(status: number, body = '', headers: OutgoingHttpHeaders = {}): Fault {
  return (exchange) => exchange.answer(status, body, headers);
}

/** Leads elsewhere: to the same path below `base`. */
export function redirectsTo(base: string, status = 307): Fault {
  return (exchange) => exchange.answer(status, '', { location: `${base}${exchange.served.path}` });
}

/** Serves what `change` makes of the content, under the same name and digest. */
export function serves(change: (bytes: Buffer) => Buffer): Fault {
  return (exchange) => {
    if (exchange.content !== undefined) {
      exchange.content = { ...exchange.content, bytes: change(exchange.content.bytes) };
    }
    return false;
  };
}

/** The same with the last byte another. */
export function damaged(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other.writeUInt8((other.at(-1) ?? 0) ^ 1, other.length - 1);
  return other;
}

/** Promises the whole, sends that share of it (0 to 1), and breaks the connection. Parts that are asked for are cut alike. */
export function cutsAt(share: number): Fault {
  return withPart(async (exchange, part) => {
    await exchange.send(part.subarray(0, Math.floor(part.length * share)));
    await exchange.cut();
  });
}

/** Sends that share of the body (0 to 1), then a byte per interval. */
export function drips(intervalMs: number, share = 0.5): Fault {
  return withPart(async (exchange, part) => {
    const begun = Math.floor(part.length * share);
    let isHeard = await exchange.send(part.subarray(0, begun));
    for (let sent = begun; isHeard && sent < part.length; sent += 1) {
      await delay(intervalMs, undefined, { ref: false });
      isHeard = await exchange.send(part.subarray(sent, sent + 1));
    }
    exchange.response.end();
  });
}

/** Sends the body 64 KiB at a time with that pause between. */
export function paces(pauseMs: number): Fault {
  return withPart(async (exchange, part) => {
    for (let sent = 0; sent < part.length; sent += chunk.length) {
      if (!(await exchange.send(part.subarray(sent, sent + chunk.length)))) return;
      await delay(pauseMs);
    }
    exchange.response.end();
  });
}

/** Takes the request and never answers. */
export const ignores: Fault = async () => undefined;

/** Says that many bytes follow, and sends them all, unless the client goes. */
export function floods(sizeBytes: number, headers: OutgoingHttpHeaders = {}): Fault {
  return async (exchange) => {
    exchange.head(200, { 'content-length': sizeBytes, ...headers });
    let isHeard = exchange.served.method !== 'HEAD';
    for (let sent = 0; isHeard && sent < sizeBytes; sent += chunk.length) isHeard = await exchange.send(chunk);
    exchange.response.end();
  };
}

/** Sends the right header for a body, or for the part of it that was asked for, and leaves the body to `send`. */
function withPart(send: (exchange: Exchange, part: Buffer) => Promise<void>): Fault {
  return (exchange) => {
    const { content, served } = exchange;
    if (content === undefined || served.method === 'HEAD') return false;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(served.headers.range ?? '') ?? [];
    const part = content.bytes.subarray(Number(from ?? 0), to ? Number(to) + 1 : content.bytes.length);
    const contentRange = `bytes ${from}-${Number(from) + part.length - 1}/${content.bytes.length}`;
    exchange.head(from === undefined ? 200 : 206, {
      'content-type': content.mediaType,
      'content-length': part.length,
      'accept-ranges': 'bytes',
      ...(from !== undefined && { 'content-range': contentRange }),
    });
    return send(exchange, part);
  };
}
