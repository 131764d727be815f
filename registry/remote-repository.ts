import type { Descriptor } from '../image/manifest.ts';
import { askEach } from './every-host.ts';
import { HostSession, type HostSessionDeps, type RepositoryName } from './host-session.ts';
import type { RegistryHost } from './hosts/host.ts';
import { fetchFrom } from './pull/fetch.ts';
import { resolveAt } from './pull/resolve.ts';
import type { PullSource, Range, RemoteBlob, RequestOptions } from './repository.ts';

/** A repository at the hosts that serve it. */
export class RemoteRepository implements Pick<PullSource, 'resolve' | 'fetch'> {
  readonly domain: string;
  readonly path: string;
  readonly #sessions: readonly HostSession[];

  constructor(deps: HostSessionDeps, repository: RepositoryName & { hosts: readonly RegistryHost[] }) {
    this.domain = repository.domain;
    this.path = repository.path;
    this.#sessions = repository.hosts.map((host) => new HostSession(deps, host, repository));
  }

  resolve(tagOrDigest: string, options: RequestOptions): Promise<Descriptor> {
    const needs = tagOrDigest.includes(':') ? (['pull'] as const) : (['pull', 'resolve'] as const);
    const doing = `resolve ${tagOrDigest} of ${this.domain}/${this.path}`;
    return askEach(this.#sessions, needs, { doing, signal: options.signal }, (session) =>
      resolveAt(session, tagOrDigest, options),
    );
  }

  fetch(descriptor: Descriptor, options: RequestOptions & Partial<Range>): Promise<RemoteBlob> {
    const doing = `fetch ${descriptor.digest} of ${this.domain}/${this.path}`;
    return askEach(this.#sessions, ['pull'], { doing, signal: options.signal }, (session) =>
      fetchFrom(session, descriptor, options),
    );
  }
}
