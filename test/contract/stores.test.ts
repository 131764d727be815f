import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { containersHandlers } from '../../daemon/grpc/containers.ts';
import { imagesHandlers } from '../../daemon/grpc/images.ts';
import { leasesHandlers } from '../../daemon/grpc/leases.ts';
import { namespacesHandlers } from '../../daemon/grpc/namespaces.ts';
import { GrpcServer } from '../../daemon/grpc/server.ts';
import { imageTable } from '../../daemon/metadata/schema.ts';
import { ContainersService } from '../../daemon/services/containers.ts';
import { ImagesService } from '../../daemon/services/images.ts';
import { LeasesService } from '../../daemon/services/leases.ts';
import { NamespacesService } from '../../daemon/services/namespaces.ts';
import { serviceDefinition } from '../../proto/service.ts';
import { MetadataFixture } from '../helpers/metadata-fixture.ts';
import { shortTempFolder } from '../helpers/paths.ts';

const containers = serviceDefinition('containerd.services.containers.v1.Containers');
const images = serviceDefinition('containerd.services.images.v1.Images');
const leases = serviceDefinition('containerd.services.leases.v1.Leases');
const namespaces = serviceDefinition('containerd.services.namespaces.v1.Namespaces');

interface Rpc<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

let stack: AsyncDisposableStack;
let client: Client;
let fixture: MetadataFixture;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  fixture = stack.use(await MetadataFixture.open());
  const folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const address = join(folder, 's.sock');
  const limits = { maxReceiveMessageBytes: 1 << 24, maxSendMessageBytes: 1 << 24 };
  const server = stack.use(new GrpcServer({ log: silentLogger }, { address, uid: 0, gid: 0, ...limits }));
  server.add(containersHandlers(new ContainersService(fixture)));
  server.add(imagesHandlers(new ImagesService(fixture)));
  server.add(leasesHandlers(new LeasesService(fixture)));
  server.add(namespacesHandlers(new NamespacesService(fixture)));
  await server.listen();
  client = new Client(`unix:${address}`, credentials.createInsecure());
  stack.defer(() => client.close());
});
afterEach(() => stack.disposeAsync());

function metadata(headers: Record<string, string>): Metadata {
  const result = new Metadata();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}

const inDefault = { 'containerd-namespace': 'default' };

function call<Request, Response>(
  rpc: Rpc<Request, Response>,
  request: Request,
  headers: Record<string, string> = inDefault,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response?: Response) => {
      if (error === null) resolve(response as Response);
      else reject(error);
    };
    client.makeUnaryRequest(rpc.path, rpc.requestSerialize, rpc.responseDeserialize, request, metadata(headers), done);
  });
}

const container = (id: string) => ({
  id,
  runtime: { name: 'io.containerd.runc.v2' },
  spec: { typeUrl: 'x', value: Buffer.from('{}') },
  labels: { a: 'b' },
});
const digest = `sha256:${'a'.repeat(64)}`;
const image = (name: string) => ({ name, target: { mediaType: 'm', digest, size: 1 } });

describe('containers', () => {
  test('round trip, update through a mask, list and stream', async () => {
    for (const id of ['b', 'a']) await call(containers.Create, { container: container(id) });
    const updated = await call(containers.Update, {
      container: { id: 'a', labels: { c: 'd' } },
      updateMask: { paths: ['labels.c'] },
    });
    expect(updated.container?.labels).toEqual({ a: 'b', c: 'd' });
    expect((await call(containers.Get, { id: 'a' })).container).toEqual(updated.container);
    const { containers: listed } = await call(containers.List, { filters: ['labels.c', 'id==b'] });
    expect(listed.map(({ id }) => id)).toEqual(['a', 'b']);
    const { path, requestSerialize, responseDeserialize } = containers.ListStream;
    const stream = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { filters: [] },
      metadata(inDefault),
    );
    const streamed: (string | undefined)[] = [];
    for await (const message of stream) streamed.push(message.container?.id);
    expect(streamed).toEqual(['a', 'b']);
    await call(containers.Delete, { id: 'a' });
    await expect(call(containers.Get, { id: 'a' })).rejects.toMatchObject({
      code: 5,
      details: 'container "a" in namespace "default": not found',
    });
  });

  test.each<[Record<string, string>, number, string]>([
    [{}, 9, 'namespace is required: failed precondition'],
    [{ 'containerd-namespace': '' }, 9, 'namespace is required: failed precondition'],
    [{ 'containerd-namespace': '../x' }, 3, 'namespace validation: identifier "../x" must match'],
  ])('with headers %j fail', async (headers, code, details) => {
    await expect(call(containers.List, { filters: [] }, headers)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    });
  });

  test('a bad filter is an invalid argument', async () => {
    await expect(call(containers.List, { filters: ['id=='] })).rejects.toMatchObject({
      code: 3,
      details: 'filters: parse error: [id==]: expected value or quoted: invalid argument',
    });
  });

  test('nothing to create or update is an invalid argument', async () => {
    await expect(call(containers.Create, {})).rejects.toMatchObject({ code: 3 });
    await expect(call(containers.Update, {})).rejects.toMatchObject({ code: 3 });
    await call(containers.Create, { container: container('a') });
    await expect(call(containers.Create, { container: container('a') })).rejects.toMatchObject({
      code: 6,
      details: 'container "a": already exists',
    });
  });
});

describe('images', () => {
  test('round trip with an epoch, deleted only with the right target', async () => {
    const created = await call(images.Create, { image: image('x'), sourceDateEpoch: { seconds: 9, nanos: 0 } });
    expect(created.image?.createdAt).toEqual({ seconds: 9, nanos: 0 });
    const updated = await call(images.Update, {
      image: { name: 'x', labels: { a: 'b' } },
      updateMask: { paths: ['labels'] },
      sourceDateEpoch: { seconds: 10, nanos: 0 },
    });
    expect(updated.image).toMatchObject({
      labels: { a: 'b' },
      target: { digest },
      updatedAt: { seconds: 10, nanos: 0 },
    });
    expect((await call(images.List, { filters: ['name==x'] })).images).toEqual([updated.image]);
    const otherTarget = { digest: `sha256:${'b'.repeat(64)}` };
    await expect(call(images.Delete, { name: 'x', target: otherTarget })).rejects.toMatchObject({ code: 5 });
    await call(images.Delete, { name: 'x', target: { digest } });
    await expect(call(images.Get, { name: 'x' })).rejects.toMatchObject({ code: 5, details: 'image "x": not found' });
    await expect(call(images.Create, { image: { name: '' } })).rejects.toMatchObject({ code: 3 });
  });

  test('an expiring one joins the lease of the header', async () => {
    await call(leases.Create, { id: 'l' });
    const headers = { ...inDefault, 'containerd-lease': 'l' };
    await call(images.Create, { image: { ...image('x'), labels: { 'containerd.io/gc.expire': 't' } } }, headers);
    expect((await call(leases.ListResources, { id: 'l' })).resources).toEqual([{ type: 'images', id: 'x' }]);
  });
});

test('leases hold resources and are deleted once', async () => {
  const { lease } = await call(leases.Create, { labels: { a: 'b' } });
  const id = lease?.id ?? '';
  await call(leases.AddResource, { id, resource: { type: 'content', id: digest } });
  await call(leases.AddResource, { id, resource: { type: 'images', id: 'x' } });
  await call(leases.DeleteResource, { id, resource: { type: 'images', id: 'x' } });
  expect((await call(leases.ListResources, { id })).resources).toEqual([{ type: 'content', id: digest }]);
  await expect(call(leases.AddResource, { id, resource: { type: 'nope', id: 'x' } })).rejects.toMatchObject({
    code: 12,
  });
  expect((await call(leases.List, { filters: ['labels.a==b'] })).leases).toEqual([lease]);
  await call(leases.Delete, { id, sync: true });
  await expect(call(leases.Delete, { id })).rejects.toMatchObject({ code: 5, details: `lease "${id}": not found` });
});

test('namespaces need no namespace', async () => {
  await call(namespaces.Create, { namespace: { name: 'n', labels: { a: 'b' } } }, {});
  await call(containers.Create, { container: container('c') }, { 'containerd-namespace': 'used' });
  const { namespaces: listed } = await call(namespaces.List, {}, {});
  expect(listed.map(({ name }) => name)).toEqual(['n', 'used']);
  const change = { namespace: { name: 'n', labels: { c: 'd' } }, updateMask: { paths: ['labels.c'] } };
  expect((await call(namespaces.Update, change, {})).namespace?.labels).toEqual({ a: 'b', c: 'd' });
  expect((await call(namespaces.Get, { name: 'n' }, {})).namespace?.labels).toEqual({ a: 'b', c: 'd' });
  await expect(call(namespaces.Delete, { name: 'used' }, {})).rejects.toMatchObject({
    code: 9,
    details: 'namespace "used" must be empty, but it still has containers: failed precondition',
  });
  await call(namespaces.Delete, { name: 'n' }, {});
  await expect(call(namespaces.Create, { namespace: { name: 'used' } }, {})).rejects.toMatchObject({
    code: 6,
    details: 'namespace "used": already exists',
  });
});

test('ten thousand images are listed whole while the loop goes on', async () => {
  const total = 10_000;
  await fixture.database.update((tx) => {
    for (let index = 0; index < total; index++) {
      const name = `example.org/image:${index}`;
      const target = { mediaType: 'm', digest, size: 1, annotations: {} };
      tx.put(imageTable, ['default', name], { name, target, labels: {}, createdAt: null, updatedAt: null });
    }
  });
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const { images: listed } = await call(images.List, { filters: [] });
  clearInterval(counting);
  expect(new Set(listed.map(({ name }) => name)).size).toBe(total);
  expect(turns).toBeGreaterThan(5);
});
