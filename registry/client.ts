import { formatReference, type Reference } from '../image/reference.ts';
import { TokenCache } from './auth/token-cache.ts';
import { hostsOf } from './hosts/directory.ts';
import { HostFailures } from './hosts/failures.ts';
import type { OnExchange } from './http/exchange.ts';
import { Transport } from './http/transport.ts';
import { RemoteRepository } from './remote-repository.ts';
import type { FindCredentials, Repository, RequestOptions } from './repository.ts';

export interface RegistryClientOptions {
  readonly userAgent: string;
  /** Directories of hosts.toml files, the first that knows a registry counts. */
  readonly hostsDirs?: readonly string[];
  /** How long a connection may take to be made, where hosts.toml does not say; 30 s if absent. */
  readonly dialTimeoutMs?: number;
  /** How long an answer may take to begin; 30 s if absent. */
  readonly answerTimeoutMs?: number;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; the process's own if absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface RepositoryOptions {
  /** Absent to ask as anybody. */
  readonly findCredentials?: FindCredentials;
  /** Sent with every request to the hosts of the repository. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Instead of the client's directories. */
  readonly hostsDirs?: readonly string[];
  /** `http` or `https` for a registry that nothing is configured for. */
  readonly defaultScheme?: string;
  /** Told of every request, to look at what happens. */
  readonly onExchange?: OnExchange;
}

const defaultDialTimeoutMs = 30_000;

/** What all pulls and pushes of a process share: connections, tokens, and what is known of hosts. */
export class RegistryClient implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #tokens = new TokenCache();
  readonly #failures = new HostFailures();
  readonly #options: RegistryClientOptions;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#transport = new Transport({
      environment: options.environment ?? process.env,
      answerTimeoutMs: options.answerTimeoutMs,
    });
  }

  /**
   * A repository, with the hosts that serve it as they are configured now.
   * @throws GantryError failed-precondition for a hosts.toml that says nothing sensible, naming the file
   */
  async repository(reference: Reference, options: RepositoryOptions = {}): Promise<Repository> {
    return this.#remote({ ...reference, name: formatReference(reference) }, options);
  }

  /**
   * Resolves if a registry lets in who asks. One that asks nobody who they are lets in everybody.
   * @param domain host with optional port, as in references
   * @throws GantryError unauthenticated for credentials that are not taken; what else the registry says
   */
  async enter(domain: string, { signal, ...options }: RepositoryOptions & RequestOptions): Promise<void> {
    const remote = await this.#remote({ domain, path: '', name: domain }, options);
    await remote.enter({ signal });
  }

  async #remote(
    { domain, path, name }: { readonly domain: string; readonly path: string; readonly name: string },
    options: RepositoryOptions,
  ): Promise<RemoteRepository> {
    const directories = options.hostsDirs ?? this.#options.hostsDirs ?? [];
    const hosts = await hostsOf(domain, directories, options.defaultScheme);
    return new RemoteRepository(
      {
        transport: this.#transport,
        tokens: this.#tokens,
        failures: this.#failures,
      },
      {
        domain,
        path,
        name,
        hosts,
        userAgent: this.#options.userAgent,
        headers: options.headers ?? {},
        findCredentials: options.findCredentials,
        onExchange: options.onExchange,
        dialTimeoutMs: this.#options.dialTimeoutMs ?? defaultDialTimeoutMs,
      },
    );
  }

  /** Ends all connections. Idempotent. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
