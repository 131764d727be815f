import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, isKind } from '../../base/errors.ts';
import { rfc3339FromTimestamp, type Timestamp, timestampFromNs, timestampFromRfc3339 } from '../../proto/timestamp.ts';
import type { Status } from './content.ts';

/**
 * The directory of one ingest, in containerd's layout:
 *
 *     ref        the ref, for the directory's name is only its hash
 *     startedat  when the ingest was begun, RFC 3339
 *     updatedat  when it was last left, RFC 3339
 *     total      announced size in bytes, if any
 *     data       what has been written
 */
export class IngestDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get dataPath(): string {
    return join(this.path, 'data');
  }

  /** Begins an ingest, over whatever is left of an unusable one. */
  async create(ref: string, total: number, startedAt: Timestamp): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const time = rfc3339FromTimestamp(startedAt);
    await Promise.all([
      this.#put('ref', ref),
      this.#put('startedat', time),
      this.#put('updatedat', time),
      this.#put('total', total > 0 ? String(total) : ''),
      this.#put('data', ''),
    ]);
  }

  /** What can be told from disk. @throws GantryError not-found for a missing or unusable ingest */
  async status(): Promise<Status> {
    try {
      const [ref, startedAt, data, total] = await Promise.all([
        this.#get('ref'),
        this.#get('startedat'),
        stat(this.dataPath, { bigint: true }),
        this.#get('total').catch(() => ''),
      ]);
      return {
        ref,
        startedAt: timestampFromRfc3339(startedAt),
        updatedAt: await this.#updatedAt(data.mtimeNs),
        offset: Number(data.size),
        total: Number.parseInt(total, 10) || 0,
        expected: '',
      };
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing && !isKind(error, 'invalid-argument')) throw error;
      throw new GantryError('not-found', `ingest ${this.path}`, { cause: error });
    }
  }

  /**
   * Gives the ingest data of its own. A commit that did not get to its end leaves the data under the name of the blob as
   * well, and a blob must not change any more.
   */
  async unlinkFromBlob(): Promise<void> {
    if ((await stat(this.dataPath)).nlink === 1) return;
    await copyFile(this.dataPath, `${this.dataPath}.tmp`);
    await rename(`${this.dataPath}.tmp`, this.dataPath);
  }

  /** Notes the time at which a writer let go. */
  async touch(updatedAt: Timestamp): Promise<void> {
    await this.#put('updatedat', rfc3339FromTimestamp(updatedAt));
  }

  /** Writing moves only the data's own time, so the later of the two counts. */
  async #updatedAt(modifiedNs: bigint): Promise<Timestamp> {
    const modified = timestampFromNs(modifiedNs);
    const noted = timestampFromRfc3339(await this.#get('updatedat'));
    const difference = noted.seconds - modified.seconds || noted.nanos - modified.nanos;
    return difference > 0 ? noted : modified;
  }

  #get(name: string): Promise<string> {
    return readFile(join(this.path, name), 'utf8');
  }

  /** Replaces a file at once, so that a crash leaves no half of it. */
  async #put(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    await writeFile(`${path}.tmp`, text, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }
}

/** All ingests below a directory, unusable ones included. */
export async function ingestDirectories(root: string): Promise<IngestDirectory[]> {
  const names = await readdir(root);
  return names.sort().map((name) => new IngestDirectory(join(root, name)));
}
