/** A real gRPC server for tests of the client: what it answers is up to the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { bindService, type ServiceHandlers } from '../proto/handler.ts';
import { type Client, connect } from './client.ts';

const sizes = { 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 };

export interface Fixture extends AsyncDisposable {
  readonly address: string;
  /** A client of namespace `ns`. */
  readonly client: Client;
  /** Ends the server at once, as a crash would. */
  stop(): void;
  /** Serves again on the same address. */
  start(...services: ServiceHandlers[]): Promise<void>;
}

/** Serves services on a socket in a new folder. */
export async function serve(...services: ServiceHandlers[]): Promise<Fixture> {
  const folder = mkdtempSync('/tmp/gc-');
  const address = join(folder, 's');
  const client = connect({ address, namespace: 'ns' });
  let server: Server | undefined;
  const stop = () => server?.forceShutdown();
  const start = async (...handlers: ServiceHandlers[]) => {
    const next = new Server(sizes);
    server = next;
    for (const handler of handlers) {
      const bound = bindService(handler, { report: (error) => console.error(error) });
      next.addService(bound.definition, bound.handlers);
    }
    rmSync(address, { force: true });
    await new Promise<void>((resolve, reject) => {
      next.bindAsync(`unix:${address}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  };
  await start(...services);
  return {
    address,
    client,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      client.close();
      stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('the call did not fail');
    },
    (error: unknown) => error,
  );
}
