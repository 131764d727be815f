import { createHash } from 'node:crypto';
import { GantryError, isKind } from '../base/errors.ts';
import { Authorizer } from './auth/authorizer.ts';
import type { TokenCache } from './auth/token-cache.ts';
import { codeOf, connectionError, refusal } from './errors.ts';
import type { HostFailures } from './hosts/failures.ts';
import { elsewhere, isProxyOf, type RegistryHost, type TlsSettings } from './hosts/host.ts';
import { type OnExchange, observed } from './http/exchange.ts';
import { follow } from './http/redirects.ts';
import { type HttpAnswer, type HttpRequest, type RequestBody, send } from './http/request.ts';
import { retryAdvice, withPatience } from './http/retry.ts';
import type { Transport } from './http/transport.ts';
import type { FindCredentials } from './repository.ts';

/** What is asked of a host about one repository. */
export interface Question {
  readonly method: HttpRequest['method'];
  /** Below the repository, as `manifests/latest`, or the whole API if it has no name; or a whole URL that the host has given. */
  readonly path: string | URL;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly headersTimeoutMs?: number;
  /** Much is to be moved. */
  readonly bulk?: boolean;
  /** What is to be done, as token servers name it; `pull` if absent. */
  readonly access?: 'pull' | 'pull,push' | 'delete';
  /** Another repository of the host that is to be read. */
  readonly mountFrom?: string;
  /** Only one try: the caller knows better how to go on. */
  readonly once?: boolean;
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
  readonly findCredentials: FindCredentials | undefined;
  readonly onExchange: OnExchange | undefined;
}

export interface HostSessionDeps {
  readonly transport: Transport;
  readonly tokens: TokenCache;
  readonly failures: HostFailures;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Another host can be asked instead, so that there is no need to wait for this one. */
  readonly hasStandIn?: boolean;
}

/** What a server that speaks plain HTTP makes of a TLS greeting. */
const notTls: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
]);
/** What a server answers that knows HTTP/2 only. */
const noHttp1 = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
const maxTurnedAway = 2;
const tokenTimeoutMs = 60_000;

/** One host that is spoken to about one repository. */
export class HostSession {
  readonly host: RegistryHost;
  readonly #deps: HostSessionDeps;
  readonly #repository: RepositoryName;
  readonly #authorizer: Authorizer;
  /** As URLs have it: without the port that goes without saying. */
  readonly #urlHost: string;
  readonly #elsewhereTls: TlsSettings | undefined;
  /** How it was reached: other settings may do better. */
  readonly #failureKey: string;
  /** It turned out not to speak TLS, where both may be. Not remembered for long: it may learn. */
  #isPlain = false;

  constructor(deps: HostSessionDeps, host: RegistryHost, repository: RepositoryName) {
    this.host = host;
    this.#deps = deps;
    this.#repository = repository;
    this.#elsewhereTls = elsewhere(host.tls);
    const reached = JSON.stringify([host.scheme, host.authority, host.tls ?? null]);
    // A hash, since it outlives the session and the settings may hold a key.
    this.#failureKey = createHash('sha256').update(reached).digest('base64');
    this.#urlHost = new URL(`${host.scheme}://${host.authority}`).host;
    const askTokenServer = (request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) =>
      this.#askTokenServer({ ...request, signal: AbortSignal.timeout(tokenTimeoutMs) });
    this.#authorizer = new Authorizer(
      { tokens: deps.tokens, findCredentials: repository.findCredentials, askTokenServer },
      { host: host.authority, reference: repository.name },
    );
  }

  /** Asks and answers with whatever the host says in the end, good or bad. */
  async ask(question: Question, { signal, hasStandIn = false }: AskOptions): Promise<HttpAnswer> {
    const attempts = question.once === true || hasStandIn ? 1 : 4;
    try {
      const answer = await withPatience({ attempts, mayRepeat: question.once !== true, signal }, () =>
        this.#knock(question, signal),
      );
      this.#deps.failures.clear(this.#failureKey);
      return answer;
    } catch (error) {
      const failure = connectionError(error, signal);
      // Errors of our own say that it did answer.
      if (failure === error || !(failure instanceof GantryError)) throw this.#withPlaces(failure);
      const unreachable = this.#withProxy(failure);
      this.#deps.failures.note(this.#failureKey, unreachable);
      throw unreachable;
    }
  }

  /** The error that an answer is, with why nobody is let in. */
  async refusal(answer: HttpAnswer): Promise<GantryError> {
    const error = await refusal(answer);
    return this.#withPlaces(new GantryError(error.kind, `${error.message}${retryAdvice(answer)}`));
  }

  /** What cannot be reached may be the proxy. */
  #withProxy(error: GantryError): GantryError {
    const proxy = this.#deps.transport.proxyOf(new URL(`${this.host.scheme}://${this.host.authority}`));
    if (proxy === undefined) return error;
    return new GantryError(error.kind, `${error.message} (through the proxy ${proxy})`, { cause: error });
  }

  /** Who is not let in, by the host or its token server, is told where credentials were looked for. */
  #withPlaces<T>(error: T): T | GantryError {
    if (!isKind(error, 'unauthenticated') && !isKind(error, 'permission-denied')) return error;
    const why = this.#authorizer.lookedIn;
    return why === '' ? error : new GantryError(error.kind, `${error.message}; ${why}`, { cause: error });
  }

  /** Why the host is better not asked now. */
  get recentFailure(): GantryError | undefined {
    return this.#deps.failures.recent(this.#failureKey);
  }

  async #knock(question: Question, signal: AbortSignal): Promise<HttpAnswer> {
    const { path } = this.#repository;
    const scopes = path === '' ? [] : [`repository:${path}:${question.access ?? 'pull'}`];
    if (question.mountFrom !== undefined) scopes.push(`repository:${question.mountFrom}:pull`);
    for (let turnedAway = 0; ; turnedAway += 1) {
      const pass = await this.#authorizer.pass(scopes, { signal });
      const answer = await this.#sendByScheme(question, pass.header, signal);
      if (answer.status !== 401 || turnedAway === maxTurnedAway) return answer;
      // Someone else's refusal, after a redirect, is not answered with what opens the registry.
      if (answer.url.host !== this.#urlHost) return answer;
      if (!(await this.#authorizer.turnedAway(answer, pass, { signal }))) return answer;
      answer.body.discard();
    }
  }

  async #sendByScheme(question: Question, authorization: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    // Others may find it out meanwhile.
    const wasPlain = this.#isPlain;
    try {
      return await this.#send(question, authorization, signal);
    } catch (error) {
      if (!this.host.mayFallBackToHttp || wasPlain || !notTls.has(codeOf(error) ?? '')) throw error;
      this.#isPlain = true;
      return this.#send(question, authorization, signal);
    }
  }

  #send(question: Question, authorization: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const url = this.#url(question);
    const ownHost = url.host === this.#urlHost;
    const request: HttpRequest = {
      method: question.method,
      url,
      headers: this.#headers(question, ownHost ? authorization : undefined, ownHost),
      body: question.body,
      bulk: question.bulk === true,
      signal,
      ...(question.headersTimeoutMs === undefined ? {} : { headersTimeoutMs: question.headersTimeoutMs }),
    };
    return follow(request, (current) =>
      this.#dispatch(current).catch((error) => {
        if (current.bulk !== true || codeOf(error) !== noHttp1) throw error;
        return this.#dispatch({ ...current, bulk: false });
      }),
    );
  }

  #dispatch(request: HttpRequest): Promise<HttpAnswer> {
    const { dialTimeoutMs = this.#repository.dialTimeoutMs } = this.host;
    const tls = request.url.host === this.#urlHost ? this.host.tls : this.#elsewhereTls;
    const settings = { tls, dialTimeoutMs, bulk: request.bulk === true };
    const dispatch = async (sent: HttpRequest) => send(this.#deps.transport.dispatcher(sent.url, settings), sent);
    const { onExchange } = this.#repository;
    return onExchange === undefined ? dispatch(request) : observed(request, dispatch, onExchange);
  }

  /** Token servers are often another host; what an administrator set for this one does not hold for that. */
  async #askTokenServer(request: HttpRequest): Promise<HttpAnswer> {
    const headers = { 'user-agent': this.#repository.userAgent, ...request.headers };
    const send = (current: HttpRequest) => this.#dispatch(current);
    const attempt = () =>
      request.method === 'GET' ? follow({ ...request, headers }, send) : send({ ...request, headers });
    try {
      return await withPatience({ attempts: 3, signal: request.signal }, attempt);
    } catch (error) {
      if (request.signal.aborted) throw new GantryError('deadline-exceeded', 'no answer in time');
      throw connectionError(error, request.signal);
    }
  }

  #url({ path, query = {} }: Question): URL {
    const { host } = this;
    const { domain, path: repository } = this.#repository;
    const scheme = this.#isPlain ? 'http' : host.scheme;
    const url =
      typeof path === 'string'
        ? new URL(`${scheme}://${host.authority}${host.path}/${repository === '' ? '' : `${repository}/`}${path}`)
        : new URL(path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // A mirror of many registries has to know which of them is meant.
    if (isProxyOf(host, domain) && url.host === this.#urlHost) url.searchParams.set('ns', domain);
    return url;
  }

  #headers(question: Question, authorization: string | undefined, ownHost: boolean): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { 'user-agent': this.#repository.userAgent };
    if (ownHost) {
      const configured = [...Object.entries(this.#repository.headers), ...Object.entries(this.host.headers)];
      for (const [name, values] of configured) headers[name.toLowerCase()] = [...values];
    }
    return { ...headers, ...question.headers, ...(authorization === undefined ? {} : { authorization }) };
  }
}
