import type { Logger } from '../../base/logger.ts';
import type { EventPublisher } from '../events/publisher.ts';
import {
  activationTable,
  blobTable,
  imageTable,
  ingestTable,
  leaseResourceTable,
  leaseTable,
} from '../metadata/schema.ts';
import { SnapshotTable } from '../metadata/snapshot-table.ts';
import type { Transaction } from '../metadata/transaction.ts';
import type { Graph } from './graph.ts';
import { type NodeId, type NodeType, partsOfNode, snapshotOfKey } from './node.ts';

type Announcement = (events: EventPublisher) => void;

/** Numbers of removed resources. */
export type Removed = Readonly<Record<Exclude<NodeType, 'container'>, number>>;

/** Takes records of resources out of the database, and tells afterwards what containerd tells: of images and snapshots. */
export class Sweep {
  readonly #graph: Graph;
  readonly #logger: Logger;
  readonly #announcements: Announcement[] = [];
  readonly #removed: Record<keyof Removed, number> = {
    ...{ content: 0, image: 0, ingest: 0, lease: 0, mount: 0, snapshot: 0 },
  };
  /** Names of the snapshotters that lost a snapshot. */
  readonly snapshotters = new Set<string>();

  constructor(graph: Graph, logger: Logger) {
    this.#graph = graph;
    this.#logger = logger;
  }

  get removed(): Removed {
    return this.#removed;
  }

  /** Stages the removal of one resource and takes it out of the graph, which has to be up to date. */
  async remove(tx: Transaction, node: NodeId): Promise<void> {
    const { type, namespace, key } = partsOfNode(node);
    if (type === 'container') return;
    if (type === 'snapshot' && !this.#removeSnapshot(tx, node)) return;
    if (type === 'image') this.#removeImage(tx, namespace, key);
    if (type === 'content') tx.delete(blobTable, [namespace, key]);
    if (type === 'mount') tx.delete(activationTable, [namespace, key]);
    if (type === 'ingest') tx.delete(ingestTable, [namespace, key]);
    if (type === 'lease') {
      tx.delete(leaseTable, [namespace, key]);
      await tx.deleteAll(leaseResourceTable, [namespace, key]);
    }
    this.#removed[type] += 1;
    this.#graph.delete(node);
  }

  /** Publishes the events of what was removed so far; to be called when it is on disk. */
  announce(events: EventPublisher): void {
    for (const announce of this.#announcements.splice(0)) announce(events);
  }

  #removeImage(tx: Transaction, namespace: string, name: string): void {
    tx.delete(imageTable, [namespace, name]);
    this.#announcements.push((events) =>
      events.publish(namespace, '/images/delete', 'containerd.services.images.v1.ImageDelete', { name }),
    );
  }

  /**
   * Asks the graph for what stands on the snapshot and below it: to search the records takes longer than all the rest.
   * False for one with children, which can happen where labels refer in circles.
   */
  #removeSnapshot(tx: Transaction, node: NodeId): boolean {
    const { namespace, ...parts } = partsOfNode(node);
    const { snapshotter, key } = snapshotOfKey(parts.key);
    const { parent, hasChildren } = this.#graph.standing(node);
    if (hasChildren) {
      this.#logger.warn({ namespace, snapshotter, snapshot: key }, 'cannot collect snapshot with child');
      return false;
    }
    const below = parent === undefined ? '' : snapshotOfKey(partsOfNode(parent).key).key;
    new SnapshotTable(snapshotter).delete(tx, namespace, key, below);
    this.snapshotters.add(snapshotter);
    this.#announcements.push((events) =>
      events.publish(namespace, '/snapshot/remove', 'containerd.events.SnapshotRemove', { key, snapshotter }),
    );
    return true;
  }
}
