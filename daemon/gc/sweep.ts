import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import { blobTable, imageTable, ingestTable, leaseResourceTable, leaseTable } from '../metadata/schema.ts';
import { SnapshotTable } from '../metadata/snapshot-table.ts';
import type { Transaction } from '../metadata/transaction.ts';
import { type NodeId, type NodeType, partsOfNode } from './node.ts';

type Announcement = (events: EventPublisher) => void;

/** Numbers of removed resources. */
export type Removed = Readonly<Record<Exclude<NodeType, 'container'>, number>>;

/** Takes records of resources out of the database, and tells afterwards what containerd tells: of images and snapshots. */
export class Sweep {
  readonly #logger: Logger;
  readonly #announcements: Announcement[] = [];
  readonly #removed: Record<keyof Removed, number> = { content: 0, image: 0, ingest: 0, lease: 0, snapshot: 0 };
  /** Names of the snapshotters that lost a snapshot. */
  readonly snapshotters = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get removed(): Removed {
    return this.#removed;
  }

  /** Stages the removal of one resource; true if it is gone with the transaction. */
  async remove(tx: Transaction, node: NodeId): Promise<boolean> {
    const { type, namespace, key } = partsOfNode(node);
    if (type === 'container') return false;
    if (type === 'snapshot' && !(await this.#removeSnapshot(tx, namespace, key))) return false;
    if (type === 'image') this.#removeImage(tx, namespace, key);
    if (type === 'content') tx.delete(blobTable, [namespace, key]);
    if (type === 'ingest') tx.delete(ingestTable, [namespace, key]);
    if (type === 'lease') {
      tx.delete(leaseTable, [namespace, key]);
      await tx.deleteAll(leaseResourceTable, [namespace, key]);
    }
    this.#removed[type] += 1;
    return true;
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

  async #removeSnapshot(tx: Transaction, namespace: string, path: string): Promise<boolean> {
    const slash = path.indexOf('/');
    const [snapshotter, key] = [path.slice(0, slash), path.slice(slash + 1)];
    const ctx: Context = { namespace, signal: new AbortController().signal };
    try {
      await new SnapshotTable(snapshotter).remove(tx, ctx, key);
    } catch (error) {
      if (!isKind(error, 'failed-precondition') && !isKind(error, 'not-found')) throw error;
      const fields = { namespace, snapshotter, snapshot: key, error: messageOf(error) };
      this.#logger.warn(fields, 'cannot collect snapshot');
      return false;
    }
    this.snapshotters.add(snapshotter);
    this.#announcements.push((events) =>
      events.publish(namespace, '/snapshot/remove', 'containerd.events.SnapshotRemove', { key, snapshotter }),
    );
    return true;
  }
}
