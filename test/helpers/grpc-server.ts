import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../base/logger.ts';
import { type Client, connect } from '../../client/client.ts';
import { GrpcServer } from '../../daemon/grpc/server.ts';
import type { ServiceHandlers } from '../../proto/handler.ts';
import { shortTempFolder } from './paths.ts';

const maxMessageBytes = 16 * 1024 * 1024;

/** A real server on a socket of its own with some of the daemon's services, and a client in the namespace `default`. */
export async function serve(...services: ServiceHandlers[]): Promise<AsyncDisposable & { readonly client: Client }> {
  const stack = new AsyncDisposableStack();
  const folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const address = join(folder, 's.sock');
  const limits = { maxReceiveMessageBytes: maxMessageBytes, maxSendMessageBytes: maxMessageBytes };
  const server = stack.use(new GrpcServer({ log: silentLogger }, { address, uid: 0, gid: 0, ...limits }));
  for (const service of services) server.add(service);
  await server.listen();
  const client = stack.use(connect({ address, namespace: 'default' }));
  return { client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
