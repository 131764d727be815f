import { chmod, chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { GantryError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { bindService, type ServiceHandlers } from '../../proto/handler.ts';
import type { Config } from '../config/config.ts';

/** Calls that are still running get this long to end before a closing server cuts them off. */
const closeGraceMs = 1_000;

/** The gRPC server on the daemon's Unix socket. */
export class GrpcServer implements AsyncDisposable {
  readonly #options: Config['grpc'];
  readonly #server: Server;
  readonly #log: Logger;

  constructor(deps: { log: Logger }, options: Config['grpc']) {
    this.#log = deps.log;
    this.#options = options;
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxReceiveMessageBytes,
      'grpc.max_send_message_length': options.maxSendMessageBytes,
      // Counts every call for a debugging service that is not offered here.
      'grpc.enable_channelz': 0,
    });
    allowCancels(this.#server);
  }

  /** Serves one gRPC service. RPCs that it lacks answer UNIMPLEMENTED, and so do unknown services. */
  add(service: ServiceHandlers): void {
    const report = (error: unknown, method: string) => {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#log.error({ method, error: messageOf(error), stack }, 'a call failed unexpectedly');
    };
    const { definition, handlers } = bindService(service, { report });
    this.#server.addService(definition, handlers);
  }

  /** Opens the socket with mode 0660. The address must have been claimed before. */
  async listen(): Promise<void> {
    const { address, uid, gid } = this.#options;
    await mkdir(dirname(address), { recursive: true, mode: 0o711 });
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(`unix:${address}`, ServerCredentials.createInsecure(), (error) => {
        if (error === null) resolve();
        else reject(new GantryError('unavailable', `cannot listen on ${address}: ${error.message}`, { cause: error }));
      });
    });
    await chmod(address, 0o660);
    await chown(address, uid, gid);
  }

  /** Refuses new calls, lets running ones end for a moment, then cuts them off. Removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Not `forceShutdown`: without the books of channelz it does not know of any connection.
    this.#server.drain(`unix:${this.#options.address}`, closeGraceMs);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
  }
}

/**
 * Node closes a connection whose client cancels more than a thousand streams in a burst, taking it for an attack. Clients
 * of containerd cancel every ranged read once they have their bytes, thousands per image, and only root can connect. The
 * limit is an option of Node's server that grpc-js does not pass on, so it is added to those it made.
 */
function allowCancels(server: Server): void {
  const { commonServerOptions } = server as unknown as { commonServerOptions?: Record<string, unknown> };
  const limit = 2 ** 31 - 1;
  if (commonServerOptions) Object.assign(commonServerOptions, { streamResetBurst: limit, streamResetRate: limit });
}
