import { connectivityState, credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { GantryError } from '../../base/errors.ts';
import { unaryCall } from '../../client/call.ts';
import type { Init, ServiceName, Services } from '../../proto/codec.ts';
import { type MethodDefinition, serviceDefinition } from '../../proto/service.ts';
import { type CallOptions, connect, type UnaryMethod } from '../../ttrpc/client.ts';

const maxMessageBytes = 16 << 20;
/** A connection without a call is no reason to end it: its end means that the shim is gone. */
const neverMs = 0x7fff_ffff;

/** A connection to a shim that speaks gRPC, with what a ttrpc client offers. Its end is told in the same words. */
export class GrpcShimClient {
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #grpc: GrpcClient;
  #isClosed = false;

  private constructor(grpc: GrpcClient) {
    this.#grpc = grpc;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    const channel = grpc.getChannel();
    const watch = () => {
      const state = channel.getConnectivityState(false);
      if (state === connectivityState.READY && !this.#isClosed) {
        channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, watch);
        return;
      }
      this.close();
      resolve();
    };
    watch();
  }

  /** @throws GantryError unavailable at once if nobody listens there */
  static async connect(path: string, options: { readonly signal: AbortSignal }): Promise<GrpcShimClient> {
    // gRPC would try again and again; a socket says at once whether anybody is there.
    (await connect(path, options)).close();
    const grpc = new GrpcClient(`unix:${path}`, credentials.createInsecure(), {
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.client_idle_timeout_ms': neverMs,
      // Without it a socket path could end up as the :authority header, which Go servers refuse.
      'grpc.default_authority': 'localhost',
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(options.signal.reason);
    options.signal.addEventListener('abort', onAbort, { once: true });
    grpc.waitForReady(Number.POSITIVE_INFINITY, (error) => (error === undefined ? resolve() : reject(error)));
    try {
      await promise;
    } catch (error) {
      grpc.close();
      throw error;
    } finally {
      options.signal.removeEventListener('abort', onAbort);
    }
    return new GrpcShimClient(grpc);
  }

  /** Calls one RPC and returns its answer. Throws what the shim answered, as a GantryError. */
  async call<Name extends ServiceName, Method extends UnaryMethod<Name>>(
    service: Name,
    method: Method,
    request: Init<Services[Name][Method] extends { request: infer Request } ? Request : never>,
    { signal, timeoutMs, namespace = '' }: CallOptions = {},
  ): Promise<Services[Name][Method] extends { response: infer Response } ? Response : never> {
    const caller = {
      grpc: this.#grpc,
      metadata: () => {
        const metadata = new Metadata();
        metadata.set('containerd-namespace', namespace);
        return metadata;
      },
      explain: (error: GantryError) => error,
    };
    const definition = serviceDefinition(service)[method] as MethodDefinition<unknown, unknown>;
    try {
      return (await unaryCall(caller, definition, request, { signal, timeoutMs })) as never;
    } catch (error) {
      if (signal?.aborted || !this.#hasEnded()) throw error;
      throw new GantryError('unavailable', 'ttrpc: closed', { cause: error });
    }
  }

  /** Ends the connection; outstanding calls fail. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#grpc.close();
  }

  #hasEnded(): boolean {
    return this.#isClosed || this.#grpc.getChannel().getConnectivityState(false) !== connectivityState.READY;
  }
}
