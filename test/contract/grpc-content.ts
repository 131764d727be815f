import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { CommitOptions, ContentWriter, Status, WriterOptions } from '../../daemon/content/content.ts';
import type {
  Info,
  ListContentResponse,
  ReadContentResponse,
  WriteContentRequest,
  WriteContentResponse,
} from '../../proto/gen/api/services/content/v1/content.ts';
import { serviceDefinition } from '../../proto/service.ts';
import { fromStatus } from '../../proto/status.ts';
import type { ContentUnderTest } from './content-suite.ts';

const rpcs = serviceDefinition('containerd.services.content.v1.Content');

interface Rpc<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

type WriteStream = ClientDuplexStream<Partial<WriteContentRequest>, WriteContentResponse>;

/** Content of one namespace of a daemon, through its socket. */
export class GrpcContent implements ContentUnderTest, Disposable {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(address: string, namespace: string, leaseId?: string) {
    this.#client = new Client(`unix:${address}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': 16 * 1024 * 1024,
    });
    this.#metadata.set('containerd-namespace', namespace);
    if (leaseId !== undefined) this.#metadata.set('containerd-lease', leaseId);
  }

  async info(digest: string): Promise<Info> {
    return (await this.unary(rpcs.Info, { digest })).info as Info;
  }

  async update(info: Partial<Info>, paths: string[] = []): Promise<Info> {
    return (await this.unary(rpcs.Update, { info, updateMask: { paths } })).info as Info;
  }

  async read(digest: string, offset = 0, size = 0): Promise<Buffer> {
    const chunks = await this.#stream<object, ReadContentResponse>(rpcs.Read, { digest, offset, size });
    let expected = 0;
    for (const chunk of chunks) {
      if (chunk.offset !== expected) throw new Error(`chunk at ${chunk.offset}, expected ${expected}`);
      expected += chunk.data.length;
    }
    return Buffer.concat(chunks.map(({ data }) => data));
  }

  /** Reads until the first bytes are there and cancels the call, as clients do that want a part. */
  async readAndCancel(digest: string): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = rpcs.Read;
    const request = { digest, offset: 0, size: 0 };
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#metadata,
    );
    await new Promise((resolve, reject) => call.once('data', resolve).once('error', reject));
    call.on('error', () => undefined).cancel();
  }

  async list(...filters: string[]): Promise<Info[]> {
    return (await this.#stream<object, ListContentResponse>(rpcs.List, { filters })).flatMap(({ info }) => info);
  }

  async delete(digest: string): Promise<void> {
    await this.unary(rpcs.Delete, { digest });
  }

  async status(ref: string): Promise<Status> {
    return (await this.unary(rpcs.Status, { ref })).status as Status;
  }

  async statuses(...filters: string[]): Promise<Status[]> {
    return (await this.unary(rpcs.ListStatuses, { filters })).statuses;
  }

  async abort(ref: string): Promise<void> {
    await this.unary(rpcs.Abort, { ref });
  }

  async writer(options: WriterOptions): Promise<GrpcWriter> {
    return GrpcWriter.open(this.openWrite(), options);
  }

  /** A Write call, to be driven message by message. */
  openWrite(): WriteStream {
    const { path, requestSerialize, responseDeserialize } = rpcs.Write;
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, this.#metadata);
  }

  unary<Request, Response>(rpc: Rpc<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: Response) => {
        if (error === null) resolve(response as Response);
        else reject(fromStatus({ code: error.code, message: error.details }));
      };
      this.#client.makeUnaryRequest(
        rpc.path,
        rpc.requestSerialize,
        rpc.responseDeserialize,
        request,
        this.#metadata,
        done,
      );
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #stream<Request, Response>(rpc: Rpc<Request, Response>, request: Request): Promise<Response[]> {
    const call = this.#client.makeServerStreamRequest(
      rpc.path,
      rpc.requestSerialize,
      rpc.responseDeserialize,
      request,
      this.#metadata,
    );
    return new Promise((resolve, reject) => {
      const responses: Response[] = [];
      call.on('data', (response: Response) => responses.push(response));
      call.on('error', (error: ServiceError) => reject(fromStatus({ code: error.code, message: error.details })));
      call.on('end', () => resolve(responses));
    });
  }
}

/** A writer over one Write call, as the clients of containerd have it. */
export class GrpcWriter implements ContentWriter {
  readonly #call: WriteStream;
  readonly #ref: string;
  readonly #total: number;
  #last: WriteContentResponse | undefined;
  #ended: Promise<void>;

  private constructor(call: WriteStream, options: WriterOptions) {
    this.#call = call;
    this.#ref = options.ref;
    this.#total = options.total ?? 0;
    this.#ended = new Promise((resolve) => call.once('close', resolve).once('end', resolve));
  }

  static async open(call: WriteStream, options: WriterOptions): Promise<GrpcWriter> {
    const writer = new GrpcWriter(call, options);
    const { ref, total = 0, expected = '' } = options;
    await writer.#ask({ action: 'STAT', ref, total, expected });
    return writer;
  }

  status(): Status {
    const { offset, startedAt, updatedAt } = this.#last as WriteContentResponse;
    return { ref: this.#ref, total: this.#total, offset, startedAt, updatedAt, expected: '' };
  }

  digest(): string {
    return (this.#last as WriteContentResponse).digest;
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#ask({ action: 'WRITE', offset: this.status().offset, data: Buffer.from(data) });
    await this.#ask({ action: 'STAT' });
  }

  async truncate(): Promise<void> {
    await this.#ask({ action: 'WRITE', offset: 0 });
    await this.#ask({ action: 'STAT' });
  }

  async commit({ sizeBytes = 0, expected = '', labels = {} }: CommitOptions = {}): Promise<void> {
    const { offset } = this.status();
    await this.#ask({ action: 'COMMIT', offset, total: sizeBytes, expected, labels });
    await this.close();
  }

  async close(): Promise<void> {
    this.#call.on('error', () => undefined).resume();
    this.#call.end();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(request: Partial<WriteContentRequest>): Promise<void> {
    const call = this.#call;
    this.#last = await new Promise<WriteContentResponse>((resolve, reject) => {
      const settle = (finish: () => void) => {
        call.off('data', onData).off('error', onError).off('end', onEnd).pause();
        finish();
      };
      const onData = (response: WriteContentResponse) => settle(() => resolve(response));
      const onError = (error: ServiceError) => {
        settle(() => reject(fromStatus({ code: error.code, message: error.details })));
      };
      const onEnd = () => settle(() => reject(new Error('the call ended without an answer')));
      call.on('data', onData).on('error', onError).on('end', onEnd).resume();
      call.write(request);
    });
  }
}
