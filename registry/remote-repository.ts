import { isDigest } from '../base/digest.ts';
import { GantryError, isKind } from '../base/errors.ts';
import type { Descriptor } from '../image/manifest.ts';
import { askEach } from './every-host.ts';
import { HostSession, type HostSessionDeps, type RepositoryName } from './host-session.ts';
import type { Capability, RegistryHost } from './hosts/host.ts';
import { fetchAt } from './pull/fetch.ts';
import { fetchForeign } from './pull/foreign.ts';
import { referrersAt } from './pull/referrers.ts';
import { resolveAt } from './pull/resolve.ts';
import { tagPagesAt } from './pull/tags.ts';
import { pushBlobTo } from './push/blob.ts';
import { deleteManifestAt, pushManifestTo } from './push/manifest.ts';
import type { PushBlobOptions } from './push/upload.ts';
import type { BlobToPush, Pushed, Range, RemoteBlob, Repository, RequestOptions } from './repository.ts';

/** A repository at the hosts that serve it. */
export class RemoteRepository implements Repository {
  readonly domain: string;
  readonly path: string;
  readonly #deps: HostSessionDeps;
  readonly #repository: RepositoryName;
  readonly #sessions: readonly HostSession[];
  readonly #name: string;

  constructor(deps: HostSessionDeps, repository: RepositoryName & { hosts: readonly RegistryHost[] }) {
    this.domain = repository.domain;
    this.path = repository.path;
    this.#deps = deps;
    this.#repository = repository;
    this.#name = `${repository.domain}/${repository.path}`;
    this.#sessions = repository.hosts.map((host) => new HostSession(deps, host, repository));
  }

  resolve(tagOrDigest: string, { signal }: RequestOptions): Promise<Descriptor> {
    // A mirror may be trusted with what a digest proves, but not with what a tag means.
    const needs: Capability[] = isDigest(tagOrDigest) ? ['pull'] : ['pull', 'resolve'];
    const doing = `resolve ${this.#name}${isDigest(tagOrDigest) ? '@' : ':'}${tagOrDigest}`;
    return askEach(this.#sessions, needs, { doing, signal }, (session, options) =>
      resolveAt(session, tagOrDigest, options),
    );
  }

  async fetch(descriptor: Descriptor, { signal, ...range }: RequestOptions & Partial<Range>): Promise<RemoteBlob> {
    const doing = `fetch ${this.#name}@${descriptor.digest}`;
    try {
      return await askEach(this.#sessions, ['pull'], { doing, signal }, (session, options) =>
        fetchAt(session, descriptor, range, options),
      );
    } catch (error) {
      if ((descriptor.urls ?? []).length === 0 || !isKind(error, 'not-found')) throw error;
      return fetchForeign(this.#deps, descriptor, range, { signal, asked: error, about: this.#repository });
    }
  }

  referrers(
    digest: string,
    { signal, artifactType }: RequestOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]> {
    const doing = `list what refers to ${this.#name}@${digest}`;
    const needs: Capability[] = this.#has('referrers') ? ['referrers'] : ['resolve'];
    return askEach(this.#sessions, needs, { doing, signal }, (session, options) =>
      referrersAt(session, digest, artifactType, options),
    );
  }

  async *tags({ signal }: RequestOptions): AsyncGenerator<string> {
    const doing = `list tags of ${this.#name}`;
    // The host that answers first has to answer for all pages.
    const { first, rest } = await askEach(this.#sessions, ['resolve'], { doing, signal }, async (session, options) => {
      const pages = tagPagesAt(session, options);
      return { first: await pages.next(), rest: pages };
    });
    if (first.done !== true) yield* first.value;
    for await (const page of rest) yield* page;
  }

  pushBlob(blob: BlobToPush, options: PushBlobOptions): Promise<Pushed> {
    return this.#push(`push ${blob.descriptor.digest} to ${this.#name}`, options, (session) =>
      pushBlobTo(session, blob, options),
    );
  }

  pushManifest(
    descriptor: Descriptor,
    bytes: Uint8Array,
    options: RequestOptions & { readonly tag?: string },
  ): Promise<Pushed> {
    const target = options.tag === undefined ? this.#name : `${this.#name}:${options.tag}`;
    return this.#push(`push ${descriptor.digest} to ${target}`, options, (session) =>
      pushManifestTo(session, descriptor, bytes, options),
    );
  }

  deleteManifest(tagOrDigest: string, options: RequestOptions): Promise<void> {
    return this.#push(`delete ${tagOrDigest} of ${this.#name}`, options, (session) =>
      deleteManifestAt(session, tagOrDigest, options),
    );
  }

  /** Resolves if the registry itself lets in who asks, or asks nobody who they are. */
  enter({ signal }: RequestOptions): Promise<void> {
    // Where only mirrors are configured, the last of them has to do.
    const one = this.#sessions.findLast(({ host }) => host.isUpstream) ?? this.#sessions.at(-1);
    return askEach(
      one === undefined ? [] : [one],
      [],
      { doing: `log in to ${this.domain}`, signal },
      async (session, options) => {
        const answer = await session.ask({ method: 'GET', path: '' }, options);
        if (answer.status !== 200) throw await session.refusal(answer);
        answer.body.discard();
      },
    );
  }

  /** What changes a registry goes to one host: two that each have half of an image would help nobody. */
  #push<T>(doing: string, { signal }: RequestOptions, ask: (session: HostSession) => Promise<T>): Promise<T> {
    const able = this.#sessions.filter(({ host }) => host.capabilities.has('push')).slice(0, 1);
    if (able.length === 0) {
      return Promise.reject(new GantryError('failed-precondition', `${doing}: no host is configured to be pushed to`));
    }
    return askEach(able, ['push'], { doing, signal }, ask);
  }

  #has(capability: Capability): boolean {
    return this.#sessions.some(({ host }) => host.capabilities.has(capability));
  }
}
