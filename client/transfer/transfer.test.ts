import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { type Any, pack, unpack } from '../../proto/any.ts';
import type { CallContext } from '../../proto/call-context.ts';
import type { Messages } from '../../proto/codec.ts';
import { implement } from '../../proto/handler.ts';
import { failureOf, serve } from '../server-fixture.ts';
import { archiveSource, archiveTarget, registryImage, storedImage } from './endpoints.ts';
import { transfer } from './transfer.ts';

const names = {
  streaming: 'containerd.services.streaming.v1.Streaming',
  transfer: 'containerd.services.transfer.v1.Transfer',
  init: 'containerd.services.streaming.v1.StreamInit',
  data: 'containerd.types.transfer.Data',
  update: 'containerd.types.transfer.WindowUpdate',
  progress: 'containerd.types.transfer.Progress',
} as const;

/** A stream as the server has it: what comes in, and what is to go out until `end`. */
interface ServerStream {
  readonly incoming: AsyncIterator<Any>;
  send(message: Any): void;
  end(): void;
}

type Request = Messages['containerd.services.transfer.v1.TransferRequest'];

/** Serves both services; `move` is what a transfer does with the streams that were opened. */
function serveTransfers(move: (request: Request, streams: Map<string, ServerStream>) => Promise<void>) {
  const streams = new Map<string, ServerStream>();
  async function* stream(requests: AsyncIterable<Any>, _: CallContext): AsyncGenerator<Any> {
    const incoming = requests[Symbol.asyncIterator]();
    const { value } = await incoming.next();
    const { id } = unpack(names.init, value);
    const outgoing: Any[] = [];
    let isEnded = false;
    let news = Promise.withResolvers<void>();
    const wake = () => {
      news.resolve();
      news = Promise.withResolvers();
    };
    const send = (message: Any) => {
      outgoing.push(message);
      wake();
    };
    const end = () => {
      isEnded = true;
      wake();
    };
    streams.set(id, { incoming, send, end });
    yield pack('google.protobuf.Empty', {});
    for (;;) {
      const next = outgoing.shift();
      if (next !== undefined) yield next;
      else if (isEnded) return;
      else await news.promise;
    }
  }
  return serve(
    implement(names.streaming, { Stream: stream }),
    implement(names.transfer, {
      Transfer: async (request) => {
        await move(request, streams);
        return {};
      },
    }),
  );
}

const nowhere = storedImage({ name: 'x' });

test('transfer says what it is about and passes on progress to its end', async () => {
  const requests: unknown[] = [];
  await using server = await serveTransfers(async ({ source, destination, options }, streams) => {
    requests.push(source, destination);
    const progress = streams.get(options?.progressStream ?? '');
    progress?.send(pack(names.progress, { event: 'downloading', name: 'a', progress: 1, total: 2 }));
    progress?.send(pack(names.progress, { event: 'complete', name: 'a' }));
    // What comes after the answer is not lost.
    setTimeout(() => {
      progress?.send(pack(names.progress, { event: 'last' }));
      progress?.end();
    }, 50);
  });
  const events: string[] = [];
  const registry = registryImage('r/x:1', { hostsDir: '/h', defaultScheme: 'http', headers: { a: 'b' } });
  await transfer(server.client, registry, nowhere, { onProgress: ({ event }) => events.push(event) });
  expect(events).toEqual(['downloading', 'complete', 'last']);
  const [source, destination] = requests as [Any, Any];
  expect(unpack('containerd.types.transfer.OCIRegistry', source)).toMatchObject({
    reference: 'r/x:1',
    resolver: { hostDir: '/h', defaultScheme: 'http', headers: { a: 'b' }, authStream: '' },
  });
  expect(unpack('containerd.types.transfer.ImageStore', destination)).toMatchObject({ name: 'x' });
});

test.each([
  [undefined, { authType: 'NONE', secret: '', username: '' }],
  [
    { kind: 'basic', username: 'u', password: 'p' },
    { authType: 'CREDENTIALS', secret: 'p', username: 'u' },
  ],
  [
    { kind: 'refresh-token', token: 't' },
    { authType: 'REFRESH', secret: 't', username: '' },
  ],
  [
    { kind: 'header', authorization: 'h' },
    { authType: 'HEADER', secret: 'h', username: '' },
  ],
] as const)('credentials %j are told as %j', async (credentials, answer) => {
  const answers: unknown[] = [];
  await using server = await serveTransfers(async ({ source }, streams) => {
    const { resolver } = unpack('containerd.types.transfer.OCIRegistry', source as Any);
    const stream = streams.get(resolver?.authStream ?? '');
    const question = { host: 'h', reference: 'r', wwwauthenticate: ['Basic'] };
    for (let times = 0; times < 2; times += 1) {
      stream?.send(pack('containerd.types.transfer.AuthRequest', question));
      answers.push(unpack('containerd.types.transfer.AuthResponse', (await stream?.incoming.next())?.value));
    }
  });
  const asked: unknown[] = [];
  const findCredentials = async (question: unknown) => {
    asked.push(question);
    return credentials;
  };
  await transfer(server.client, registryImage('r', { findCredentials }), nowhere);
  expect(answers).toMatchObject([answer, answer]);
  expect(asked[0]).toEqual({ host: 'h', reference: 'r', challenges: ['Basic'] });
});

test('credentials that cannot be looked up end the transfer with the reason', async () => {
  await using server = await serveTransfers(async ({ source }, streams) => {
    const { resolver } = unpack('containerd.types.transfer.OCIRegistry', source as Any);
    const stream = streams.get(resolver?.authStream ?? '');
    stream?.send(pack('containerd.types.transfer.AuthRequest', { host: 'h' }));
    await stream?.incoming.next();
  });
  const findCredentials = async () => {
    throw new GantryError('failed-precondition', 'locked');
  };
  const work = transfer(server.client, registryImage('r', { findCredentials }), nowhere);
  expect(await failureOf(work)).toMatchObject({ kind: 'failed-precondition', message: 'locked' });
});

test('an archive is sent as far as the window allows, and whole', async () => {
  const archive = Buffer.alloc(300_000, 'abcdefg');
  const received: Buffer[] = [];
  await using server = await serveTransfers(async ({ source }, streams) => {
    const { stream: id } = unpack('containerd.types.transfer.ImageImportStream', source as Any);
    const stream = streams.get(id);
    let unused = 0;
    for (;;) {
      if (unused === 0) {
        stream?.send(pack(names.update, { update: 40_000 }));
        unused = 40_000;
      }
      const next = await stream?.incoming.next();
      if (next === undefined || next.done === true) return;
      const { data } = unpack(names.data, next.value);
      received.push(data);
      unused -= data.length;
      expect(unused).toBeGreaterThanOrEqual(0);
      expect(data.length).toBeLessThanOrEqual(32 * 1024);
    }
  });
  async function* pieces() {
    yield archive.subarray(0, 100);
    yield archive.subarray(100);
  }
  await transfer(server.client, archiveSource(pieces()), nowhere);
  expect(archive.equals(Buffer.concat(received))).toBe(true);
});

test('an archive that breaks ends the transfer with the reason', async () => {
  await using server = await serveTransfers(async ({ source }, streams) => {
    const { stream: id } = unpack('containerd.types.transfer.ImageImportStream', source as Any);
    const stream = streams.get(id);
    stream?.send(pack(names.update, { update: 1_000_000 }));
    for (;;) {
      const next = await stream?.incoming.next();
      if (next?.done === true) await new Promise(() => undefined);
    }
  });
  async function* broken() {
    yield Buffer.from('x');
    throw new GantryError('data-loss', 'disk on fire');
  }
  const work = transfer(server.client, archiveSource(broken()), nowhere);
  expect(await failureOf(work)).toMatchObject({ kind: 'data-loss', message: 'disk on fire' });
});

test('an export is done when its last byte has been written', async () => {
  const archive = Buffer.alloc(3_000_000, 'abcdefg');
  await using server = await serveTransfers(async ({ destination }, streams) => {
    const { stream: id } = unpack('containerd.types.transfer.ImageExportStream', destination as Any);
    const stream = streams.get(id);
    let window = 0;
    for (let offset = 0; offset < archive.length; ) {
      while (window < 32_000) window += unpack(names.update, (await stream?.incoming.next())?.value).update;
      stream?.send(pack(names.data, { data: archive.subarray(offset, offset + 32_000) }));
      offset += 32_000;
      window -= 32_000;
    }
    stream?.end();
  });
  const written: Uint8Array[] = [];
  const write = async (bytes: Uint8Array) => {
    await new Promise((resolve) => setImmediate(resolve));
    written.push(bytes);
  };
  await transfer(server.client, nowhere, archiveTarget(write));
  expect(archive.equals(Buffer.concat(written))).toBe(true);
});

test('a daemon without the service is said to have none', async () => {
  await using server = await serve(implement('containerd.services.version.v1.Version', { Version: async () => ({}) }));
  const failure = await failureOf(transfer(server.client, nowhere, nowhere, { onProgress: () => undefined }));
  expect(failure).toMatchObject({
    kind: 'unimplemented',
    message: expect.stringContaining('does not transfer images'),
  });
});

test('an abort ends the transfer', async () => {
  const started = Promise.withResolvers<void>();
  await using server = await serveTransfers(async () => {
    started.resolve();
    await new Promise(() => undefined);
  });
  const controller = new AbortController();
  const work = transfer(server.client, nowhere, nowhere, { onProgress: () => undefined, signal: controller.signal });
  work.catch(() => undefined);
  await started.promise;
  controller.abort();
  expect(await failureOf(work)).toMatchObject({ kind: 'canceled' });
});
