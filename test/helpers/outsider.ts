import { join } from 'node:path';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type Client as GrpcClient,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { repository } from './paths.ts';

const options = { keepCase: true, longs: Number, enums: String, defaults: true } as const;

/** A message as the loader makes it: nobody's types. */
// biome-ignore lint/suspicious/noExplicitAny: this client knows of messages only what the server tells it.
export type Message = Record<string, any>;

/**
 * A client that shares no code and no generated types with the daemon: grpc-js, and the messages that the server's
 * reflection describes.
 */
export class Outsider implements Disposable {
  readonly #root: GrpcObject;
  readonly #address: string;
  readonly #metadata = new Metadata();
  readonly #clients = new Map<string, GrpcClient>();

  constructor(definitions: PackageDefinition, address: string, namespace: string) {
    this.#root = loadPackageDefinition(definitions);
    this.#address = `unix:${address}`;
    this.#metadata.set('containerd-namespace', namespace);
  }

  /** Asks a server for all its services and what they are made of. */
  static async reflect(address: string): Promise<PackageDefinition> {
    const path = join(repository, 'proto/grpc/reflection/v1/reflection.proto');
    using asking = new Outsider(loadSync(path, options), address, 'reflection');
    const stream = asking.#open('grpc.reflection.v1.ServerReflection', 'ServerReflectionInfo');
    const answers = stream[Symbol.asyncIterator]() as AsyncIterator<Message>;
    const ask = async (question: Message): Promise<Message> => {
      stream.write(question);
      return (await answers.next()).value;
    };
    const listed = await ask({ list_services: '*' });
    const files = new Map<string, Buffer>();
    for (const { name } of listed['list_services_response'].service) {
      const described = await ask({ file_containing_symbol: name });
      const bytes: Buffer[] = described['file_descriptor_response']?.file_descriptor_proto ?? [];
      for (const file of bytes) files.set(file.toString('base64'), file);
    }
    stream.end();
    // A set is nothing but its files, each as field 1.
    const set = protobuf.Writer.create();
    for (const file of files.values()) set.uint32((1 << 3) | 2).bytes(file);
    return loadFileDescriptorSetFromBuffer(Buffer.from(set.finish()), options);
  }

  /** A call with one request and one answer. */
  call(service: string, method: string, request: Message): Promise<Message> {
    const send = this.#method(service, method);
    return new Promise((resolve, reject) => {
      send(request, this.#metadata, (error: Error | null, answer: Message) =>
        error ? reject(error) : resolve(answer),
      );
    });
  }

  /** A call that is answered by a stream. */
  read(service: string, method: string, request: Message): ClientReadableStream<Message> {
    return this.#method(service, method)(request, this.#metadata) as ClientReadableStream<Message>;
  }

  /** Sends all requests and returns all answers. */
  async converse(service: string, method: string, requests: readonly Message[]): Promise<Message[]> {
    const stream = this.#open(service, method);
    for (const request of requests) stream.write(request);
    stream.end();
    return (await Array.fromAsync(stream)) as Message[];
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
  }

  #open(service: string, method: string): ClientDuplexStream<Message, Message> {
    return this.#method(service, method)(this.#metadata) as ClientDuplexStream<Message, Message>;
  }

  #method(service: string, method: string): (...args: unknown[]) => unknown {
    let client = this.#clients.get(service);
    if (client === undefined) {
      const Service = service.split('.').reduce<unknown>((at, name) => (at as GrpcObject)[name], this.#root);
      client = new (Service as ServiceClientConstructor)(this.#address, credentials.createInsecure());
      this.#clients.set(service, client);
    }
    const found = (client as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>)[method];
    if (found === undefined) throw new Error(`${service} has no ${method}`);
    return found.bind(client);
  }
}
