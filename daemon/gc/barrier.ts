import type { Changes, Database } from '../metadata/database.ts';
import type { Graph } from './graph.ts';
import type { Marking } from './mark.ts';
import type { NodeId } from './node.ts';
import type { Source } from './records.ts';

/**
 * What makes it safe to mark while others write. Reading the database takes a while, and each table is read at a time of
 * its own; the barrier keeps every change from before the first read on. Why nothing in use is ever swept:
 *
 * - A record written before the barrier was up is read, since reading starts when all of those are in the database. One
 *   written after is in the barrier's log, and `apply` enters it in the graph and makes it a root, whatever it says: a
 *   reference can only come into being with the record that holds it, so all new references are followed.
 * - A record deleted meanwhile stays in the graph for this collection. What only it kept is garbage for the next one.
 *   Deletions that fail to reach the disk are hence harmless, and so are writes that do.
 * - Records are swept in transactions of the database. Each applies the log and marks to the end before it deletes, and
 *   no other update runs from there to its end, so none can refer to what is being deleted without having been seen.
 * - What refers is swept before what it refers to. Whatever of a dead tree gets a new holder between two transactions
 *   still has all that is below it.
 * - A lease taken before a crash, and an ingest, is in the database like everything else.
 */
export class Barrier implements Disposable {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #end: () => void;
  readonly #gone = new Set<NodeId>();
  #log: [key: string, value: Buffer | null][] = [];

  constructor(database: Database, sources: readonly Source[]) {
    this.#sources = new Map(sources.map((source) => [source.table, source]));
    this.#end = database.observe((changes) => this.#note(changes));
  }

  /** Brings the graph to the present and makes what was written meanwhile grey. */
  apply(graph: Graph, marking: Marking): void {
    for (const [key, value] of this.#log) {
      const [table = '', ...parts] = key.split('\0');
      const source = this.#sources.get(table) as Source;
      const node = source.nodeOf(parts);
      if (value === null) {
        if (node !== undefined) this.#gone.add(node);
        continue;
      }
      if (node !== undefined) this.#gone.delete(node);
      for (const kept of source.enter(graph, key, value)) marking.shadeAgain(kept);
    }
    this.#log = [];
  }

  /** True for a node whose record was deleted meanwhile, by somebody else. */
  isGone(node: NodeId): boolean {
    return this.#gone.has(node);
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #note(changes: Changes): void {
    for (const [key, value] of changes) {
      if (this.#sources.has(key.slice(0, key.indexOf('\0')))) this.#log.push([key, value]);
    }
  }
}
