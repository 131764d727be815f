/** What is known of a blob before it is written. */
export interface NewBlob {
  /** Bytes; absent for what is made while it is written. */
  readonly sizeBytes?: number | undefined;
  /** Absent when nobody has promised one: the store then says which it is. */
  readonly digest?: string | undefined;
  /** Labels that the blob gets with its record. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A blob that is there. */
export interface StoredBlob {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Where an archive is written from: the blobs of a content store, those of one namespace. */
export interface ContentSource {
  /**
   * Size and labels of a blob.
   * @throws GantryError not-found
   */
  info(digest: string): Promise<StoredBlob & { readonly labels: Readonly<Record<string, string>> }>;
  /**
   * The bytes of a blob from its start, at most `maxBytes` of them. A blob read to its end is checked against its digest.
   * Chunks come as they are asked for; leaving the loop ends the read.
   * @throws GantryError not-found; data-loss for other bytes than the digest's
   */
  read(digest: string, options?: { maxBytes?: number }): AsyncIterable<Uint8Array>;
}

/**
 * Where an archive is read into. Signal, namespace and lease belong to the store as it is handed over: nothing refers to what
 * is written until an image does, so there should be a lease.
 */
export interface ContentSink extends ContentSource {
  /**
   * Writes a blob as its bytes come. One that is there already counts as written; `bytes` then need not be read, or not to
   * their end.
   * @throws GantryError failed-precondition when size or digest turn out otherwise; nothing of the blob is then left
   */
  write(bytes: AsyncIterable<Uint8Array>, blob: NewBlob): Promise<StoredBlob>;
  /** Sets labels of a blob; those it has besides stay. */
  setLabels(digest: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Blobs that say of themselves (label `containerd.io/uncompressed`) that they are one of these blobs compressed; by the
   * digest of the uncompressed one.
   */
  findCompressed(uncompressed: readonly string[]): Promise<ReadonlyMap<string, StoredBlob>>;
}
