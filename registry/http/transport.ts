import { Agent, type Dispatcher } from 'undici';
import type { TlsSettings } from '../hosts/host.ts';
import { tlsOptions } from './tls.ts';

/** What connections to a host are made with; equal ones share their connections. */
export interface ConnectSettings {
  readonly tls: TlsSettings | undefined;
  readonly dialTimeoutMs: number;
}

const idleMs = 30_000;
/** More than any registry needs, few enough to be no burden: a redirect to a signed URL takes 2 to 4 KiB. */
const maxHeaderBytes = 64 * 1024;
const headersTimeoutMs = 30_000;
const silenceTimeoutMs = 60_000;

/** Connections to all hosts, kept open for a while after each answer. */
export class Transport implements AsyncDisposable {
  readonly #agents = new Map<string, Agent>();

  /** What sends requests to hosts with these settings. */
  dispatcher(settings: ConnectSettings): Dispatcher {
    const key = JSON.stringify([settings.dialTimeoutMs, settings.tls ?? null]);
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = newAgent(settings);
      this.#agents.set(key, agent);
    }
    return agent;
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
}

function newAgent({ dialTimeoutMs, tls }: ConnectSettings): Agent {
  return new Agent({
    keepAliveTimeout: idleMs,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: silenceTimeoutMs,
    connect: { timeout: dialTimeoutMs, ...tlsOptions(tls ?? { ca: [], client: [], skipVerify: false }) },
  });
}
