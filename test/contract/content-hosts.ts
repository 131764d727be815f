import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { ContentReader } from '../../daemon/content/content.ts';
import { NamespacedContent, type SharingPolicy } from '../../daemon/content/namespaced-content.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import type { Context } from '../../daemon/context.ts';
import { contentHandlers } from '../../daemon/grpc/content.ts';
import { GrpcServer } from '../../daemon/grpc/server.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { ProxyConnection } from '../../daemon/proxy/connection.ts';
import { ProxyContent } from '../../daemon/proxy/content.ts';
import { ContentService } from '../../daemon/services/content.ts';
import { sys } from '../../native/sys.ts';
import { all } from '../helpers/metadata-fixture.ts';
import { shortTempFolder } from '../helpers/paths.ts';
import type { ContentHost, ContentUnderTest } from './content-suite.ts';
import { GrpcContent } from './grpc-content.ts';

/** A store with namespaces, made for one test. */
export interface NamespacedHost extends ContentHost {
  /** Content of any namespace; `content` is that of one. */
  namespace(name: string): ContentUnderTest;
}

/** The store on disk alone. */
export async function rawHost(): Promise<ContentHost> {
  const folder = shortTempFolder();
  const store = await ContentStore.open(join(folder, 'content'), { sys, clock: systemClock });
  return { content: bare(store), [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** A store without namespaces. */
const bare = (store: ContentStore | ProxyContent): ContentUnderTest => ({
  info: (digest) => store.info(digest),
  read: async (digest, offset = 0, size = 0) => readRange(await store.open(digest), offset, size),
  list: () => all(store.list()),
  delete: (digest) => store.delete(digest),
  status: (ref) => store.status(ref),
  statuses: () => all(store.statuses()),
  abort: (ref) => store.abort(ref),
  writer: (options) => store.writer(options),
});

/** A store that another server has, as the daemon uses it. */
export async function proxyHost(): Promise<ContentHost & { readonly store: ProxyContent; readonly far: GrpcContent }> {
  const stack = new AsyncDisposableStack();
  const { store, far } = await openProxy(stack);
  return { content: bare(store), store, far, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Namespaces over a store that another server has. */
export async function namespacedProxyHost(sharingPolicy: SharingPolicy = 'shared'): Promise<NamespacedHost> {
  const stack = new AsyncDisposableStack();
  const { store } = await openProxy(stack);
  const { content } = await openContent(stack, sharingPolicy, store);
  return byNamespace(content, stack);
}

async function openProxy(stack: AsyncDisposableStack): Promise<{ store: ProxyContent; far: GrpcContent }> {
  const address = await serveContent(stack, (await openContent(stack, 'shared')).content);
  const connection = stack.use(new ProxyConnection({ name: 'far', address }));
  const far = stack.use(new GrpcContent(address, 'gantry.content'));
  return { store: new ProxyContent({ connection, sys, clock: systemClock }), far };
}

/** Namespaces over the store on disk. */
export async function namespacedHost(sharingPolicy: SharingPolicy = 'shared'): Promise<NamespacedHost> {
  const stack = new AsyncDisposableStack();
  const { content } = await openContent(stack, sharingPolicy);
  return byNamespace(content, stack);
}

function byNamespace(content: NamespacedContent, stack: AsyncDisposableStack): NamespacedHost {
  const namespace = (name: string): ContentUnderTest => {
    const ctx: Context = { namespace: name, signal: new AbortController().signal };
    return {
      info: (digest) => content.info(ctx, digest),
      read: async (digest, offset = 0, size = 0) => readRange(await content.open(ctx, digest), offset, size),
      list: () => all(content.list(ctx, [])),
      delete: (digest) => content.delete(ctx, digest),
      status: (ref) => content.status(ctx, ref),
      statuses: () => content.statuses(ctx, []),
      abort: (ref) => content.abort(ctx, ref),
      writer: (options) => content.writer(ctx, options),
    };
  };
  return { content: namespace('default'), namespace, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The same through a real server and client. */
export async function grpcHost(
  sharingPolicy: SharingPolicy = 'shared',
): Promise<NamespacedHost & { readonly content: GrpcContent }> {
  const stack = new AsyncDisposableStack();
  const { content } = await openContent(stack, sharingPolicy);
  const address = await serveContent(stack, content);
  const namespace = (name: string) => stack.use(new GrpcContent(address, name));
  return { content: namespace('default'), namespace, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Resolves with the address. */
async function serveContent(stack: AsyncDisposableStack, content: NamespacedContent): Promise<string> {
  const folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const address = join(folder, 'c.sock');
  const limits = { maxReceiveMessageBytes: 16 * 1024 * 1024, maxSendMessageBytes: 16 * 1024 * 1024 };
  const server = stack.use(new GrpcServer({ log: silentLogger }, { address, uid: 0, gid: 0, ...limits }));
  server.add(contentHandlers(new ContentService({ content })));
  await server.listen();
  return address;
}

async function openContent(
  stack: AsyncDisposableStack,
  sharingPolicy: SharingPolicy,
  store?: ProxyContent,
): Promise<{ content: NamespacedContent }> {
  const folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const database = stack.use(await Database.open(join(folder, 'db')));
  const backend = store ?? (await ContentStore.open(join(folder, 'content'), { sys, clock: systemClock }));
  const events = { publish: () => undefined };
  return { content: new NamespacedContent({ database, backend, events, clock: systemClock }, { sharingPolicy }) };
}

/** A range of a blob as the suite wants it. */
async function readRange(reader: ContentReader, offset: number, size: number): Promise<Buffer> {
  await using _ = reader;
  return Buffer.concat(await all(reader.chunks(offset, size > 0 ? size : reader.sizeBytes)));
}
