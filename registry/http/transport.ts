import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { TlsSettings } from '../hosts/host.ts';
import { type Environment, proxyFor } from './proxy.ts';
import { tlsOptions } from './tls.ts';

/** What connections to a host are made with; equal ones share their connections. */
export interface ConnectSettings {
  readonly tls: TlsSettings | undefined;
  readonly dialTimeoutMs: number;
  /**
   * Only HTTP/1.1, with a connection for each request under way. Blobs come half as fast again as over HTTP/2, where
   * several share one TCP connection and its congestion window.
   */
  readonly bulk: boolean;
}

const idleMs = 30_000;
/** More than any registry needs, few enough to be no burden: a redirect to a signed URL takes 2 to 4 KiB. */
const maxHeaderBytes = 64 * 1024;
const defaultAnswerTimeoutMs = 30_000;
const silenceTimeoutMs = 60_000;

/** HTTP/2's own windows are made for pages: a blob from afar would wait for leave to be sent most of the time. */
const streamWindowBytes = 4 * 1024 * 1024;
const connectionWindowBytes = 16 * 1024 * 1024;
/** Hosts have few different settings; more come only from files that are changed all the time. */
const maxAgents = 64;
const noTls: TlsSettings = { ca: [], client: [], skipVerify: false };

export interface TransportOptions {
  /** Says through which proxies to speak. */
  readonly environment: Environment;
  /** How long an answer may take to begin; 30 s if absent. */
  readonly answerTimeoutMs?: number | undefined;
}

/** Connections to all hosts, kept open for a while after each answer. */
export class Transport implements AsyncDisposable {
  readonly #agents = new Map<string, Agent | ProxyAgent>();
  readonly #environment: Environment;
  readonly #answerTimeoutMs: number;
  readonly #ids = new WeakMap<TlsSettings, string>();

  constructor({ environment, answerTimeoutMs = defaultAnswerTimeoutMs }: TransportOptions) {
    this.#environment = environment;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /**
   * What sends requests to the host of a URL with these settings.
   * @throws GantryError failed-precondition for settings that OpenSSL does not take, or a proxy that is none
   */
  dispatcher(url: URL, { tls = noTls, dialTimeoutMs, bulk }: ConnectSettings): Dispatcher {
    const proxy = proxyFor(url, this.#environment);
    const key = `${dialTimeoutMs} ${bulk} ${this.#idOf(tls)} ${proxy ?? ''}`;
    const agent =
      this.#agents.get(key) ?? newAgent({ tls, dialTimeoutMs, bulk, proxy, headersTimeout: this.#answerTimeoutMs });
    // The one that was used last is the last to go.
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    const [oldest] = this.#agents;
    if (this.#agents.size > maxAgents && oldest !== undefined) {
      this.#agents.delete(oldest[0]);
      // Answers under way are still read to their end.
      void oldest[1].close();
    }
    return agent;
  }

  /** Host of the proxy that a URL is spoken to through. */
  proxyOf(url: URL): string | undefined {
    const proxy = proxyFor(url, this.#environment);
    return proxy === undefined ? undefined : new URL(proxy).host;
  }

  /** Ends all connections, those in use too. Idempotent. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Settings are equal by what they say; saying it once is enough. */
  #idOf(tls: TlsSettings): string {
    const id = this.#ids.get(tls) ?? createHash('sha256').update(JSON.stringify(tls)).digest('base64');
    this.#ids.set(tls, id);
    return id;
  }
}

interface AgentSettings extends ConnectSettings {
  readonly proxy: string | undefined;
  readonly headersTimeout: number;
}

function newAgent({ tls = noTls, dialTimeoutMs, bulk, proxy, headersTimeout }: AgentSettings): Agent | ProxyAgent {
  const allowH2 = !bulk;
  const connect = { allowH2, timeout: dialTimeoutMs, ...tlsOptions(tls) };
  const options = {
    allowH2,
    keepAliveTimeout: idleMs,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout,
    bodyTimeout: silenceTimeoutMs,
    initialWindowSize: streamWindowBytes,
    connectionWindowSize: connectionWindowBytes,
  };
  if (proxy === undefined) return new Agent({ ...options, connect });
  // A proxy is known as any server is; the settings of a host are for behind it.
  const proxyTls = { timeout: dialTimeoutMs, ...tlsOptions(noTls) };
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect, proxyTls });
}
