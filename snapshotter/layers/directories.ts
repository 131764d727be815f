import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { randomHex } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { Mutex } from '../../base/mutex.ts';

const removedPrefix = '.removed-';
/** Few, for each keeps a thread busy that others need as well. */
const removersAtWork = 2;
/** Directories that are set aside together, and deleted by one remover. */
const batchSize = 100;

export interface DirectoriesDeps {
  readonly sys: DirectoriesSys;
  readonly logger: Logger;
}

/** What making and removing directories needs of the kernel. */
export interface DirectoriesSys {
  /** Makes directories with exactly those modes, in order. */
  makeDirectories(directories: readonly { readonly path: string; readonly mode: number }[]): Promise<void>;
  /** Removes entries of a directory with all that is in them, off the event loop and without crossing into mounts. */
  removeEntries(directory: string, names: readonly string[]): Promise<void>;
}

/** A directory of a layer besides `fs`. */
export interface NewDirectory {
  readonly name: string;
  readonly mode: number;
}

/**
 * The directories of the layers:
 *
 *     <root>/<id>/record.json   see layer-record.ts
 *     <root>/<id>/fs            0755; the layer's files
 *     <root>/<id>/...           what else its driver puts there
 *     <root>/.removed-*         waiting to be deleted
 *
 * A directory is made before the record that names it and disappears after it, so a crash leaves directories without a
 * record, never the other way round; `sweep` finds them.
 */
export class LayerDirectories {
  readonly #root: string;
  readonly #sys: DirectoriesSys;
  readonly #logger: Logger;
  /** Ids whose directory may exist although their record does not yet. */
  readonly #pending = new Set<number>();
  /** Each removes one batch of directories after another. */
  readonly #removers = Array.from({ length: removersAtWork }, () => new Mutex());
  /** Names that a remover has to do with. */
  readonly #removing = new Set<string>();
  #turn = 0;
  /** Tells what this process sets aside from what earlier ones did. */
  readonly #life = randomHex(4);
  #lastRemoved = 0;

  constructor(deps: DirectoriesDeps, root: string) {
    this.#sys = deps.sys;
    this.#logger = deps.logger;
    this.#root = root;
  }

  /** All that belongs to a layer. */
  directory(id: number): string {
    return join(this.#root, String(id));
  }

  /** The layer's own files. */
  files(id: number): string {
    return join(this.#root, String(id), 'fs');
  }

  /**
   * Makes the directories of a layer, has `fill` put into them, once they are made, what belongs there, runs `store`, which
   * puts down the record, and takes them away if any of that fails.
   * @param more directories besides `fs`
   */
  async create<T>(
    id: number,
    more: readonly NewDirectory[],
    { fill, store }: { readonly fill: (made: Promise<void>) => Promise<void>; readonly store: () => Promise<T> },
  ): Promise<T> {
    this.#pending.add(id);
    try {
      await this.#make(id, more, fill);
      return await store();
    } catch (error) {
      await this.discard([id]);
      throw error;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** Takes layers out of sight at once and deletes them in the background. */
  discard(ids: readonly number[]): Promise<void> {
    return this.#discard(ids.map(String));
  }

  /** The ids that have a directory. */
  async present(): Promise<Set<number>> {
    return new Set((await readdir(this.#root)).map(Number));
  }

  /** Discards all directories that no record names, and what earlier processes did not finish deleting. */
  async sweep(idsInUse: () => Promise<ReadonlySet<number>>): Promise<void> {
    const names = await readdir(this.#root);
    const pending = new Set(this.#pending);
    const inUse = await idsInUse();
    const isUnknown = (name: string) => !inUse.has(Number(name)) && !pending.has(Number(name));
    const [removed, layers] = [names.filter(isRemoved), names.filter((name) => !isRemoved(name))];
    for (const batch of inBatches(removed.filter((name) => !this.#removing.has(name)))) this.#delete(batch);
    await this.#discard(layers.filter(isUnknown));
  }

  /** Resolves when all that is discarded so far is deleted. */
  async drain(): Promise<void> {
    await Promise.all(this.#removers.map((remover) => remover.run(async () => undefined)));
  }

  /**
   * Nothing is synced: the file systems in use keep the order in which names are made, so that a record which is on disk
   * has its directory; and where one does not, `LayerSnapshotter.open` makes the directory again.
   */
  async #make(id: number, more: readonly NewDirectory[], fill: (made: Promise<void>) => Promise<void>) {
    const directory = this.directory(id);
    const made = this.#sys.makeDirectories([
      { path: directory, mode: 0o700 },
      { path: this.files(id), mode: 0o755 },
      ...more.map(({ name, mode }) => ({ path: join(directory, name), mode })),
    ]);
    const filled = fill(made);
    // Whoever takes it all away again after a failure must not be overtaken by either.
    await Promise.allSettled([made, filled]);
    await made;
    await filled;
    await failpoint('snapshot.create.made');
  }

  async #discard(names: readonly string[]): Promise<void> {
    for (const batch of inBatches(names)) {
      const aside = await Promise.all(batch.map((name) => this.#setAside(name)));
      const removed = aside.filter((name) => name !== undefined);
      if (removed.length === 0) continue;
      await failpoint('snapshot.remove.renamed');
      this.#delete(removed);
    }
  }

  /** The name it has then; undefined if it is gone or stays where it is. */
  async #setAside(name: string): Promise<string | undefined> {
    this.#lastRemoved += 1;
    const removed = `${removedPrefix}${name}-${this.#life}${this.#lastRemoved}`;
    try {
      await rename(join(this.#root, name), join(this.#root, removed));
      return removed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#logger.warn({ path: join(this.#root, name), error: messageOf(error) }, 'cannot discard layer directory');
      return undefined;
    }
  }

  #delete(names: readonly string[]): void {
    for (const name of names) this.#removing.add(name);
    this.#turn = (this.#turn + 1) % removersAtWork;
    (this.#removers[this.#turn] as Mutex)
      .run(() => this.#sys.removeEntries(this.#root, names))
      .then(() => failpoint('snapshot.remove.deleted'))
      .catch((error) =>
        this.#logger.warn({ path: this.#root, error: messageOf(error) }, 'cannot delete layer directory'),
      )
      .finally(() => {
        for (const name of names) this.#removing.delete(name);
      });
  }
}

function isRemoved(name: string): boolean {
  return name.startsWith(removedPrefix);
}

function* inBatches(names: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < names.length; at += batchSize) yield names.slice(at, at + batchSize);
}
