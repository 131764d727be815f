import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { isDigest } from '../base/digest.ts';
import { GantryError, invalidArgument, isKind } from '../base/errors.ts';
import { documentMaxBytes } from './documents.ts';
import { asBroken, type Entry, entriesOf, type ReadOptions } from './entries.ts';
import type { ContentSink, StoredBlob } from './store.ts';

const maxLinkHops = 16;
const maxShownLength = 200;
const documentNames: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'manifest.json']);

/** What was in an archive: the documents that say how to read it, and where the rest went. */
export class ArchiveFiles {
  readonly #documents = new Map<string, Buffer>();
  readonly #blobs = new Map<string, StoredBlob>();
  readonly #links = new Map<string, string>();

  /** `oci-layout`, `index.json` or `manifest.json`, if it is there. */
  document(path: string): Buffer | undefined {
    return this.#documents.get(path);
  }

  /**
   * Where a file went. Layers that several images share are symbolic or hard links in what some versions of Docker write.
   * @throws GantryError invalid-argument for a path that leads to no file
   */
  blob(path: string): StoredBlob {
    let at = posix.normalize(path);
    for (let hops = 0; hops < maxLinkHops; hops += 1) {
      const blob = this.#blobs.get(at);
      if (blob !== undefined) return blob;
      const next = this.#links.get(at);
      if (next === undefined) break;
      at = next;
    }
    throw invalidArgument(`archive: ${path.slice(0, maxShownLength)} is missing`);
  }

  /** Takes a member in, its bytes into the store. */
  async add(store: ContentSink, path: string, entry: Entry): Promise<void> {
    const { type, linkname } = entry.header;
    if (type === 'symlink' || type === 'link') {
      const target = linkname ?? '';
      this.#links.set(path, posix.normalize(type === 'link' ? target : posix.join(posix.dirname(path), target)));
      entry.resume();
    } else if (type !== 'file' && type !== 'contiguous-file') {
      entry.resume();
    } else if (documentNames.has(path)) {
      this.#put(this.#documents, path, await readSmall(path, entry), (a, b) => a.equals(b));
    } else {
      this.#put(this.#blobs, path, await storeFile(store, path, entry), (a, b) => a.digest === b.digest);
    }
  }

  /** Readers differ in which of two members of one name they take, and so would in what they take the image for. */
  #put<T>(map: Map<string, T>, path: string, value: T, isSame: (a: T, b: T) => boolean): void {
    const other = map.get(path);
    if (other !== undefined && !isSame(other, value)) {
      throw invalidArgument(`archive: ${path} is in it twice, with different bytes`);
    }
    map.set(path, value);
  }
}

/**
 * Reads a tar archive from front to back, putting its files into the store as they come.
 * @throws GantryError invalid-argument for anything but an intact tar archive; failed-precondition for a file that is not
 * what its name says
 */
export async function storeFiles(
  store: ContentSink,
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<ArchiveFiles> {
  const files = new ArchiveFiles();
  for await (const { path, entry } of entriesOf(source, options)) await files.add(store, path, entry);
  return files;
}

async function readSmall(path: string, entry: Entry): Promise<Buffer> {
  if (entry.header.size > documentMaxBytes) {
    throw invalidArgument(`archive: ${path} is larger than ${documentMaxBytes} bytes`);
  }
  try {
    return await buffer(entry);
  } catch (error) {
    throw asBroken(error);
  }
}

async function storeFile(store: ContentSink, path: string, entry: Entry): Promise<StoredBlob> {
  const sizeBytes = entry.header.size;
  try {
    const stored = await store.write(entry as AsyncIterable<Buffer>, { sizeBytes, digest: digestOfPath(path) });
    entry.resume();
    return stored;
  } catch (error) {
    if (!isKind(error, 'failed-precondition')) throw asBroken(error);
    throw new GantryError('failed-precondition', `archive: ${path}: ${error.message}`, { cause: error });
  }
}

/** Both layouts name blobs `blobs/<algorithm>/<hex>`; the name is then a promise about the bytes. */
function digestOfPath(path: string): string | undefined {
  const [, algorithm, hex] = /^blobs\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}
