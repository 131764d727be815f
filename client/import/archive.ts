import { posix } from 'node:path';
import { pipeline, type Readable, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, type Header } from 'tar-stream';
import { isDigest } from '../../base/digest.ts';
import { GantryError, invalidArgument, isKind, messageOf } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { documentMaxBytes } from '../content/read.ts';
import { writeBlob } from '../content/write.ts';
import { decompressed } from './decompress.ts';

const maxEntries = 100_000;

export interface StoredFile {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** What was in an archive: the documents that say how to read it, and where the rest went. */
export interface Archive {
  /** The files `oci-layout`, `index.json` and `manifest.json`, those that there are. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** Every other file by its path; its content is in the content store. */
  readonly files: ReadonlyMap<string, StoredFile>;
  /** Symbolic links by path, with the path they lead to. */
  readonly links: ReadonlyMap<string, string>;
}

export interface ArchiveOptions extends CallOptions {
  /** Told the number of bytes of the source read so far. */
  onBytes?: ((readBytes: number) => void) | undefined;
}

/** A file of the archive; the next one comes when this one has been read to its end. */
type Entry = Readable & { readonly header: Header };

const documentNames: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'manifest.json']);

/**
 * Reads a tar archive from front to back, putting its files into the content store as they come; memory does not grow with
 * the archive. `client` should have a lease, because nothing refers to the files yet.
 * @throws GantryError invalid-argument for anything but an intact tar archive
 */
export async function storeArchive(
  client: Client,
  source: AsyncIterable<Uint8Array>,
  options: ArchiveOptions = {},
): Promise<Archive> {
  const documents = new Map<string, Buffer>();
  const files = new Map<string, StoredFile>();
  const links = new Map<string, string>();
  for await (const { path, entry } of entriesOf(source, options)) {
    if (entry.header.type === 'symlink') {
      links.set(path, posix.join(posix.dirname(path), entry.header.linkname));
      entry.resume();
    } else if (entry.header.type !== 'file' && entry.header.type !== 'contiguous-file') {
      entry.resume();
    } else if (documentNames.has(path)) {
      documents.set(path, await readSmall(path, entry));
    } else {
      files.set(path, await storeFile(client, path, entry, options));
    }
  }
  return { documents, files, links };
}

async function* entriesOf(
  source: AsyncIterable<Uint8Array>,
  { onBytes, signal }: ArchiveOptions,
): AsyncGenerator<{ path: string; entry: Entry }> {
  const tar = extract();
  let count = 0;
  let plain: Readable | undefined;
  const abort = () => plain?.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    plain = await decompressed(metered(source, onBytes));
    // Its failures come out of the loop below.
    pipeline(plain, tar as unknown as Writable, () => undefined);
    for await (const entry of tar) {
      count += 1;
      if (count > maxEntries) throw invalidArgument(`archive: more than ${maxEntries} files`);
      yield { path: posix.normalize(entry.header.name), entry: entry as unknown as Entry };
    }
  } catch (error) {
    throw broken(error);
  } finally {
    signal?.removeEventListener('abort', abort);
    plain?.destroy();
  }
}

async function* metered(
  source: AsyncIterable<Uint8Array>,
  onBytes: ArchiveOptions['onBytes'],
): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  for await (const chunk of source) {
    readBytes += chunk.length;
    onBytes?.(readBytes);
    yield chunk;
  }
}

async function readSmall(path: string, entry: Entry): Promise<Buffer> {
  if (entry.header.size > documentMaxBytes) {
    throw invalidArgument(`archive: ${path} is larger than ${documentMaxBytes} bytes`);
  }
  try {
    return await buffer(entry);
  } catch (error) {
    throw broken(error);
  }
}

async function storeFile(client: Client, path: string, entry: Entry, options: CallOptions): Promise<StoredFile> {
  const sizeBytes = entry.header.size;
  const digest = digestOfPath(path);
  try {
    const stored = await writeBlob(client, entry as AsyncIterable<Buffer>, { sizeBytes, digest }, options);
    entry.resume();
    return { digest: stored, sizeBytes };
  } catch (error) {
    if (!isKind(error, 'failed-precondition')) throw broken(error);
    throw new GantryError('failed-precondition', `archive: ${path}: ${error.message}`, { cause: error });
  }
}

/** Both layouts name blobs `blobs/<algorithm>/<hex>`; the name is then a promise about the bytes. */
function digestOfPath(path: string): string | undefined {
  const [, algorithm, hex] = /^blobs\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}

function broken(error: unknown): GantryError {
  if (error instanceof GantryError) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return new GantryError('canceled', 'context canceled', { cause: error });
  return new GantryError('invalid-argument', `archive: ${messageOf(error)}`, { cause: error });
}
