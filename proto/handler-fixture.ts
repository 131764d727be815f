/** A real grpc-js server and client on a Unix socket, for the tests of the handler adapter. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import type { BoundService } from './handler.ts';

const sizes = { 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 };

/** One server with its client; disposing it leaves neither socket nor session. */
export interface Fixture extends AsyncDisposable {
  readonly client: Client;
}

/** Serves services on a socket in a new folder. */
export async function serve(...services: BoundService[]): Promise<Fixture> {
  const folder = mkdtempSync('/tmp/gp-');
  const address = `unix://${join(folder, 's')}`;
  const server = new Server(sizes);
  for (const service of services) server.addService(service.definition, service.handlers);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  const client = new Client(address, credentials.createInsecure(), sizes);
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      server.forceShutdown();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a failed call shows its caller. */
export interface Failure {
  readonly code: number;
  readonly details: string;
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<Failure> {
  const answer = await call.then(
    () => undefined,
    (error: ServiceError) => error,
  );
  if (!answer) throw new Error('the call did not fail');
  return { code: answer.code, details: answer.details };
}
