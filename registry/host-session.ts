import { codeOf, connectionError } from './errors.ts';
import { isProxyOf, type RegistryHost } from './hosts/host.ts';
import { follow } from './http/redirects.ts';
import { type HttpAnswer, type HttpRequest, type RequestBody, send } from './http/request.ts';
import type { Transport } from './http/transport.ts';

/** What is asked of a host about one repository. */
export interface Question {
  readonly method: HttpRequest['method'];
  /** Below the repository, as `manifests/latest`; or a whole URL that the host has given. */
  readonly path: string | URL;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly headersTimeoutMs?: number;
}

/** The repository that is spoken of. */
export interface RepositoryName {
  readonly domain: string;
  readonly path: string;
  /** The whole reference, for messages and for those who know credentials. */
  readonly name: string;
  readonly userAgent: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly dialTimeoutMs: number;
}

export interface HostSessionDeps {
  readonly transport: Transport;
  /** Hosts that turned out not to speak TLS, where both may be. */
  readonly plainHosts: Set<string>;
}

/** What a server that speaks plain HTTP makes of a TLS greeting. */
const notTls: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
]);

/** One host that is spoken to about one repository. */
export class HostSession {
  readonly host: RegistryHost;
  readonly #deps: HostSessionDeps;
  readonly #repository: RepositoryName;

  constructor(deps: HostSessionDeps, host: RegistryHost, repository: RepositoryName) {
    this.host = host;
    this.#deps = deps;
    this.#repository = repository;
  }

  /** Asks and answers with whatever the host says in the end, good or bad. */
  async ask(question: Question, { signal }: { readonly signal: AbortSignal }): Promise<HttpAnswer> {
    try {
      return await this.#send(question, signal);
    } catch (error) {
      const { authority, mayFallBackToHttp } = this.host;
      if (!mayFallBackToHttp || !notTls.has(codeOf(error) ?? '')) throw connectionError(error, signal);
      this.#deps.plainHosts.add(authority);
    }
    return await this.#send(question, signal).catch((error) => Promise.reject(connectionError(error, signal)));
  }

  async #send(question: Question, signal: AbortSignal): Promise<HttpAnswer> {
    const { tls, dialTimeoutMs = this.#repository.dialTimeoutMs } = this.host;
    const dispatcher = this.#deps.transport.dispatcher({ tls, dialTimeoutMs });
    const request: HttpRequest = {
      method: question.method,
      url: this.#url(question),
      headers: this.#headers(question),
      body: question.body,
      signal,
      ...(question.headersTimeoutMs === undefined ? {} : { headersTimeoutMs: question.headersTimeoutMs }),
    };
    return follow(request, (current) => send(dispatcher, current));
  }

  #url({ path, query = {} }: Question): URL {
    const { host } = this;
    const { domain, path: repository } = this.#repository;
    const url =
      typeof path === 'string'
        ? new URL(
            `${this.#deps.plainHosts.has(host.authority) ? 'http' : host.scheme}://${host.authority}${host.path}/${repository}/${path}`,
          )
        : new URL(path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // A mirror of many registries has to know which of them is meant.
    if (isProxyOf(host, domain)) url.searchParams.set('ns', domain);
    return url;
  }

  #headers(question: Question): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { 'user-agent': this.#repository.userAgent };
    for (const [name, values] of [...Object.entries(this.#repository.headers), ...Object.entries(this.host.headers)]) {
      headers[name.toLowerCase()] = [...values];
    }
    return { ...headers, ...question.headers };
  }
}
