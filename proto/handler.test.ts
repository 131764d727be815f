import { setImmediate as turn } from 'node:timers/promises';
import { type CallOptions, Metadata, type ServiceError } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { GantryError } from '../base/errors.ts';
import { eventually } from '../test/helpers/eventually.ts';
import type { CallContext, Implementation } from './call-context.ts';
import { bindService, implement } from './handler.ts';
import { type Failure, type Fixture, failure, serve } from './handler-fixture.ts';
import { serviceDefinition } from './service.ts';

const VERSION = 'containerd.services.version.v1.Version';
const { Version } = serviceDefinition(VERSION);

function version(handler: NonNullable<Implementation<typeof VERSION>['Version']>, report = vi.fn()) {
  return bindService(implement(VERSION, { Version: handler }), { report });
}

function call({ client }: Fixture, metadata = new Metadata(), options: CallOptions = {}) {
  return new Promise<{ version: string; revision: string }>((resolve, reject) => {
    const done = (error: ServiceError | null, value?: { version: string; revision: string }) =>
      error || !value ? reject(error) : resolve(value);
    client.makeUnaryRequest(
      Version.path,
      Version.requestSerialize,
      Version.responseDeserialize,
      {},
      metadata,
      options,
      done,
    );
  });
}

test('a unary call gets its answer; the context has headers, first value wins', async () => {
  let seen: CallContext | undefined;
  await using server = await serve(
    version(async (request, ctx) => {
      expect(request).toEqual({});
      seen = ctx;
      return { version: 'v1' };
    }),
  );
  const metadata = new Metadata();
  metadata.add('containerd-namespace', 'first');
  metadata.add('containerd-namespace', 'second');
  metadata.set('containerd-lease', 'lease-1');
  metadata.set('x-other', 'value');
  expect(await call(server, metadata)).toEqual({ version: 'v1', revision: '' });
  expect(seen).toMatchObject({ namespace: 'first', leaseId: 'lease-1', method: `/${VERSION}/Version` });
  expect([seen?.header('x-other'), seen?.header('x-none')]).toEqual(['value', undefined]);
  metadata.set('containerd-namespace', '');
  await call(server, metadata);
  expect(seen?.namespace).toBeUndefined();
});

test('after an answered call its signal stays quiet', async () => {
  let signal: AbortSignal | undefined;
  await using server = await serve(
    version(async (_, ctx) => {
      signal = ctx.signal;
      return {};
    }),
  );
  await call(server, new Metadata(), { deadline: Date.now() + 50 });
  await eventually(async () => expect((await call(server)).version).toBe(''));
  await turn();
  expect(signal?.aborted).toBe(false);
});

test.each<[string, () => never, Failure, boolean]>([
  [
    'a GantryError',
    () => {
      throw new GantryError('not-found', 'image "x"');
    },
    { code: 5, details: 'image "x": not found' },
    false,
  ],
  [
    'an internal GantryError',
    () => {
      throw new GantryError('internal', 'x');
    },
    { code: 13, details: 'x: internal' },
    true,
  ],
  [
    'a bug',
    () => {
      throw new TypeError('boom');
    },
    { code: 13, details: 'boom: internal' },
    true,
  ],
  [
    'a failed system call',
    () => {
      throw Object.assign(new Error('disk'), { code: 'ENOSPC' });
    },
    { code: 8, details: 'disk: resource exhausted' },
    true,
  ],
  [
    'text that is no header',
    () => {
      throw new GantryError('not-found', 'ü\n\ud800');
    },
    { code: 5, details: 'ü\n\ufffd: not found' },
    false,
  ],
])('%s becomes a status', async (_, fail, expected, reported) => {
  const report = vi.fn();
  await using server = await serve(version(async () => fail(), report));
  expect(await failure(call(server))).toEqual(expected);
  expect(report).toHaveBeenCalledTimes(reported ? 1 : 0);
  if (reported) expect(report.mock.calls[0]?.[1]).toBe(`/${VERSION}/Version`);
});

test('an answer that cannot be encoded is reported, and the server lives on', async () => {
  const report = vi.fn();
  let broken = true;
  const plugins = bindService(
    implement('containerd.services.introspection.v1.Introspection', {
      Plugins: async () => (broken ? ({ plugins: 'none' } as never) : { plugins: [] }),
    }),
    { report },
  );
  await using server = await serve(plugins);
  const { Plugins } = serviceDefinition('containerd.services.introspection.v1.Introspection');
  const list = () =>
    new Promise((resolve, reject) => {
      server.client.makeUnaryRequest(
        Plugins.path,
        Plugins.requestSerialize,
        Plugins.responseDeserialize,
        {},
        (error, value) => (error ? reject(error) : resolve(value)),
      );
    });
  expect(await failure(list())).toMatchObject({ code: 13 });
  expect(report).toHaveBeenCalledOnce();
  broken = false;
  expect(await list()).toEqual({ plugins: [] });
});

test('a method without handler is unimplemented, of any streaming kind', async () => {
  await using server = await serve(
    bindService(implement('containerd.services.content.v1.Content', {}), { report: vi.fn() }),
  );
  const { Info, Read, Write } = serviceDefinition('containerd.services.content.v1.Content');
  const info = new Promise((resolve, reject) => {
    server.client.makeUnaryRequest(Info.path, Info.requestSerialize, Info.responseDeserialize, {}, (error, value) =>
      error ? reject(error) : resolve(value),
    );
  });
  expect(await failure(info)).toEqual({ code: 12, details: 'method Info not implemented' });
  const read = server.client.makeServerStreamRequest(Read.path, Read.requestSerialize, Read.responseDeserialize, {});
  expect(await failure(read.toArray())).toEqual({ code: 12, details: 'method Read not implemented' });
  const write = server.client.makeBidiStreamRequest(Write.path, Write.requestSerialize, Write.responseDeserialize);
  expect(await failure(write.toArray())).toEqual({ code: 12, details: 'method Write not implemented' });
});

test('handlers are called on their object', async () => {
  class Versions {
    readonly #text = 'from a field';
    async Version() {
      return { version: this.#text };
    }
  }
  await using server = await serve(bindService(implement(VERSION, new Versions()), { report: vi.fn() }));
  expect((await call(server)).version).toBe('from a field');
});

test('a cancelled call aborts the signal and reports nothing', async () => {
  const report = vi.fn();
  let reason: unknown;
  let started = () => {};
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  await using server = await serve(
    version(async (_, ctx) => {
      started();
      reason = await new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve(ctx.signal.reason)));
      throw new TypeError('on the way out');
    }, report),
  );
  const outcome = Promise.withResolvers<ServiceError | null>();
  const cancellable = server.client.makeUnaryRequest(
    Version.path,
    Version.requestSerialize,
    Version.responseDeserialize,
    {},
    outcome.resolve,
  );
  await running;
  cancellable.cancel();
  expect((await outcome.promise)?.code).toBe(1);
  await eventually(() => expect(reason).toMatchObject({ kind: 'canceled', message: 'context canceled' }));
  expect(report).not.toHaveBeenCalled();
});

test('a deadline aborts the signal', async () => {
  let reason: unknown;
  await using server = await serve(
    version(async (_, ctx) => {
      reason = await new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve(ctx.signal.reason)));
      throw ctx.signal.reason;
    }),
  );
  expect((await failure(call(server, new Metadata(), { deadline: Date.now() + 50 }))).code).toBe(4);
  await eventually(() => expect(reason).toMatchObject({ kind: 'deadline-exceeded' }));
});
