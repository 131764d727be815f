import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GantryError, notFound } from '../../base/errors.ts';
import { implement, type ServiceHandlers } from '../../proto/handler.ts';
import { TtrpcServer } from '../../ttrpc/server.ts';
import { isConnectionClosed, isNobodyThere, ShimConnection, socketPath } from './shim-connection.ts';

async function socket(): Promise<string> {
  const folder = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 's');
}

async function serve(...services: ServiceHandlers[]): Promise<{ address: string; server: TtrpcServer }> {
  const path = await socket();
  const server = new TtrpcServer(services, { report: () => undefined });
  await server.listen(path);
  onTestFinished(() => server.close());
  return { address: `unix://${path}`, server };
}

async function dial(address: string, version: number): Promise<ShimConnection> {
  const bootstrap = { address, version, protocol: 'ttrpc' };
  const connection = await ShimConnection.dial(bootstrap, { namespace: 'ns1', timeoutMs: 1_000 });
  onTestFinished(() => connection.close());
  return connection;
}

test('speaks the version of the shim and names the namespace', async () => {
  const { address } = await serve(
    implement('containerd.task.v3.Task', {
      Connect: async (_request, { namespace }) => ({ version: `3 ${namespace}` }),
    }),
    implement('containerd.task.v2.Task', {
      Connect: async (_request, { namespace }) => ({ version: `2 ${namespace}` }),
    }),
  );
  for (const version of [2, 3]) {
    const connection = await dial(address, version);
    expect((await connection.call('Connect', { id: 'c1' }, {})).version).toBe(`${version} ns1`);
  }
});

test('falls back on version 2 for a shim that only claims version 3', async () => {
  const { address } = await serve(implement('containerd.task.v2.Task', { Connect: async () => ({ taskPid: 7 }) }));
  const connection = await dial(address, 3);
  for (let times = 0; times < 2; times++) {
    expect((await connection.call('Connect', { id: 'c1' }, {})).taskPid).toBe(7);
  }
  await expect(connection.call('Pause', { id: 'c1' }, {})).rejects.toMatchObject({ kind: 'unimplemented' });
});

test('passes errors on as what they are', async () => {
  const { address } = await serve(
    implement('containerd.task.v2.Task', {
      State: async () => {
        throw notFound('container c1');
      },
      Wait: () => new Promise(() => undefined),
    }),
  );
  const connection = await dial(address, 2);
  await expect(connection.call('State', { id: 'c1' }, {})).rejects.toMatchObject({ kind: 'not-found' });
  const options = { timeoutMs: 50 };
  await expect(connection.call('Wait', { id: 'c1' }, options)).rejects.toMatchObject({ kind: 'deadline-exceeded' });
});

test('tells at once that the shim is gone', async () => {
  const { address, server } = await serve(
    implement('containerd.task.v2.Task', { Wait: () => new Promise(() => undefined) }),
  );
  const connection = await dial(address, 2);
  const waiting = connection.call('Wait', { id: 'c1' }, {});
  await server.close();
  const error = await waiting.catch((failure: unknown) => failure);
  expect(isConnectionClosed(error)).toBe(true);
  await connection.closed;
});

test('does not wait for a socket that nobody serves', async () => {
  const path = await socket();
  const startedAtMs = performance.now();
  const failureOf = () => dial(`unix://${path}`, 2).catch((error: unknown) => error);
  expect(isNobodyThere(await failureOf())).toBe(true);
  const listener = createServer().listen(path);
  await new Promise((resolve) => listener.once('listening', resolve));
  await new Promise((resolve) => listener.close(resolve));
  await writeFile(path, '');
  const refused = await failureOf();
  expect(refused).toMatchObject({ kind: 'unavailable', cause: { code: 'ECONNREFUSED' } });
  expect(isNobodyThere(refused)).toBe(true);
  expect(performance.now() - startedAtMs).toBeLessThan(500);
});

test('takes paths and abstract names, no other kind of address', () => {
  expect(socketPath('unix:///run/s/1')).toBe('/run/s/1');
  expect(socketPath('/containerd-shim/1.sock')).toBe('\0/containerd-shim/1.sock');
  expect(() => socketPath('vsock://3:1024')).toThrow('unsupported shim address vsock://3:1024');
});

test('does not take every failure to connect for a shim that is gone', () => {
  const cause = Object.assign(new Error('connect EAGAIN'), { code: 'EAGAIN' });
  expect(isNobodyThere(new GantryError('unavailable', 'ttrpc: connect to /s: connect EAGAIN', { cause }))).toBe(false);
  expect(isNobodyThere(new GantryError('unavailable', 'ttrpc: closed'))).toBe(false);
  expect(isNobodyThere(notFound('shim address'))).toBe(false);
});
