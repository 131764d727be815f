import { connectivityState, credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import type { GantryError } from '../base/errors.ts';
import type { Init, ServiceName, Services } from '../proto/codec.ts';
import { type MethodDefinition, serviceDefinition } from '../proto/service.ts';
import { bidiStream, type Caller, type CallOptions, serverStream, unaryCall } from './call.ts';
import { unreachable } from './unreachable.ts';

const maxMessageBytes = 16 * 1024 * 1024;

/** Turns an RPC's entry in the service map into the function that calls it. */
type Rpc<Method> = Method extends {
  request: infer Request;
  response: infer Response;
  requestStream: infer RequestStream;
  responseStream: infer ResponseStream;
}
  ? (
      request: RequestStream extends true ? AsyncIterable<Init<Request>> : Init<Request>,
      options?: CallOptions,
    ) => ResponseStream extends true ? AsyncGenerator<Response, void, undefined> : Promise<Response>
  : never;

/** All RPCs of a service as functions. */
export type ServiceClient<Name extends ServiceName> = {
  readonly [Method in keyof Services[Name]]: Rpc<Services[Name][Method]>;
};

export interface ConnectOptions {
  /** Path of the daemon's Unix socket. */
  address: string;
  /** containerd namespace of every call; without it only calls that need none succeed. */
  namespace?: string | undefined;
}

/**
 * A connection to gantryd or any containerd. The first call opens the socket; a connection that breaks is opened again by
 * the next call. Everything else in this folder is functions that take a client.
 */
export class Client implements Disposable {
  readonly address: string;
  readonly namespace: string | undefined;
  /** The lease that everything made through this client joins. */
  readonly leaseId: string | undefined;
  readonly #grpc: GrpcClient;
  readonly #services: Map<string, unknown>;

  /** Use `connect` for a new connection; `shared` is a client whose connection this one uses. */
  constructor(options: ConnectOptions & { leaseId?: string | undefined }, shared?: Client) {
    this.address = options.address;
    this.namespace = options.namespace;
    this.leaseId = options.leaseId;
    this.#grpc = shared === undefined ? openChannel(options.address) : shared.#grpc;
    this.#services = new Map();
  }

  /** The RPCs of a service: `client.service('containerd.services.tasks.v1.Tasks').Start({ containerId })`. */
  service<Name extends ServiceName>(name: Name): ServiceClient<Name> {
    const known = this.#services.get(name) as ServiceClient<Name> | undefined;
    if (known !== undefined) return known;
    const definition: Record<string, MethodDefinition<unknown, unknown>> = serviceDefinition(name);
    const caller = this.#caller();
    const rpcs = Object.entries(definition).map(([rpc, method]) => [rpc, bind(caller, method)]);
    const service = Object.fromEntries(rpcs) as ServiceClient<Name>;
    this.#services.set(name, service);
    return service;
  }

  /** A client for another namespace or lease over the same connection; closing either closes both. */
  with(options: { namespace?: string; leaseId?: string }): Client {
    return new Client({ address: this.address, namespace: this.namespace, leaseId: this.leaseId, ...options }, this);
  }

  /** Ends the connection and every call on it. */
  close(): void {
    this.#grpc.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #caller(): Caller {
    return {
      grpc: this.#grpc,
      metadata: (options) => this.#metadata(options),
      explain: (error) => this.#explain(error),
    };
  }

  #metadata(options: CallOptions): Metadata {
    const metadata = new Metadata({ waitForReady: options.waitForReady ?? false });
    if (this.namespace !== undefined) metadata.set('containerd-namespace', this.namespace);
    if (this.leaseId !== undefined) metadata.set('containerd-lease', this.leaseId);
    return metadata;
  }

  /** An unavailable of the daemon's own comes over a ready channel; any other means that nobody was reached. */
  #explain(error: GantryError): GantryError {
    const isReady = this.#grpc.getChannel().getConnectivityState(false) === connectivityState.READY;
    return error.kind === 'unavailable' && !isReady ? unreachable(this.address, error) : error;
  }
}

/** Makes a client. Nothing is sent before the first call. */
export function connect(options: ConnectOptions): Client {
  return new Client(options);
}

function openChannel(address: string): GrpcClient {
  return new GrpcClient(`unix:${address}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // Without it a socket path could end up as the :authority header, which Go servers refuse.
    'grpc.default_authority': 'localhost',
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  });
}

function bind(caller: Caller, method: MethodDefinition<unknown, unknown>) {
  return (request: unknown, options: CallOptions = {}) => {
    if (method.requestStream) return bidiStream(caller, method, request as AsyncIterable<unknown>, options);
    if (method.responseStream) return serverStream(caller, method, request, options);
    return unaryCall(caller, method, request, options);
  };
}
