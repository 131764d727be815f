import type { Descriptor } from '../image/manifest.ts';

/** Body of a blob, from `offset` on. It has to be read to its end or closed. */
export interface RemoteBlob extends AsyncDisposable {
  /** Where the bytes begin: as asked, or 0 where the host does not know ranges. */
  readonly offset: number;
  /** The host can be asked for parts of this blob. */
  readonly takesRanges: boolean;
  /** Bytes of the whole blob as the host tells, wherever `offset` is; undefined if it does not. */
  readonly sizeBytes: number | undefined;
  /** The host that answers, for messages. */
  readonly host: string;
  /** Chunks as they arrive, never more than the socket and one chunk in memory. */
  readonly body: AsyncIterable<Buffer>;
  /** Gives up the rest, so that the connection is free or gone. Idempotent. */
  close(): Promise<void>;
}

export interface Range {
  readonly offset: number;
  /** Bytes; to the end of the blob if absent. */
  readonly length?: number;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
}

/**
 * What can be pulled of one repository. Each call asks the hosts that serve it (mirrors first, in order) until one
 * answers; an error names every host that was asked and what it said, without secrets.
 * Retries within a call cover what a host asks for (401, 429, 503); a body that breaks is the caller's to resume.
 */
export interface PullSource {
  /**
   * What a tag or digest names.
   * @throws GantryError not-found, unauthenticated, permission-denied, unavailable, deadline-exceeded
   */
  resolve(tagOrDigest: string, options: RequestOptions): Promise<Descriptor>;
  /**
   * The bytes of a manifest, blob, or what its `urls` lead to where no host of the repository has it.
   * @throws GantryError as `resolve`; the bytes are not checked against the digest
   */
  fetch(descriptor: Descriptor, options: RequestOptions & Partial<Range>): Promise<RemoteBlob>;
  /** Manifests that name `digest` as their subject; none where the registry has none, by API or by tag. */
  referrers(
    digest: string,
    options: RequestOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]>;
  /** Tags of the repository in the registry's order, page by page. */
  tags(options: RequestOptions): AsyncIterable<string>;
}

/** A blob to be pushed. */
export interface BlobToPush {
  readonly descriptor: Descriptor;
  /** Repositories of the same host that are known to have it, to mount it from. */
  readonly mountFrom: readonly string[];
  /** Opens the bytes from `offset` on; asked again after a failure. */
  open(offset: number): AsyncIterable<Uint8Array>;
}

/** How a blob came to be in the repository. */
export type Pushed = 'exists' | 'mounted' | 'uploaded';

/** What can be done to one repository at the first host that has the capability to be pushed to. */
export interface PushTarget {
  pushBlob(
    blob: BlobToPush,
    options: RequestOptions & { readonly onBytes?: (sentBytes: number) => void },
  ): Promise<Pushed>;
  /** Stores a manifest or index under its digest and, if given, a tag. */
  pushManifest(
    descriptor: Descriptor,
    bytes: Uint8Array,
    options: RequestOptions & { readonly tag?: string },
  ): Promise<Pushed>;
  /** Deletes a manifest by digest, or a tag. */
  deleteManifest(tagOrDigest: string, options: RequestOptions): Promise<void>;
}

/** A repository of a registry, with the hosts and credentials of one operation. */
export interface Repository extends PullSource, PushTarget {
  /** Host with optional port, as in references. */
  readonly domain: string;
  readonly path: string;
}

/** What a host is told to know who asks. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'refresh-token'; readonly token: string }
  | { readonly kind: 'header'; readonly authorization: string };

/** What came of looking for credentials. */
export interface FoundCredentials {
  /** Absent to go on without. */
  readonly credentials?: Credentials;
  /** Where was looked, for people: files, helpers, options. It is told to whom the host turns away in the end. */
  readonly lookedIn: readonly string[];
}

/** Asked when a host wants credentials; once per host and repository. */
export type FindCredentials = (question: {
  /** Host with optional port as it is spoken to: `registry-1.docker.io`, not `docker.io`. */
  readonly host: string;
  readonly reference: string;
  /** `WWW-Authenticate` headers of the host's answer. */
  readonly challenges: readonly string[];
  readonly signal: AbortSignal;
}) => Promise<FoundCredentials>;
