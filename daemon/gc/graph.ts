import type { Container } from '../../proto/gen/api/services/containers/v1/containers.ts';
import type { Info } from '../../proto/gen/api/services/content/v1/content.ts';
import type { Image } from '../../proto/gen/api/services/images/v1/images.ts';
import type { Lease } from '../../proto/gen/api/services/leases/v1/leases.ts';
import type { Sandbox } from '../../proto/gen/api/types/sandbox.ts';
import type { ActivationRecord, IngestRecord, SnapshotRecord } from '../metadata/schema.ts';
import { Counts } from './counts.ts';
import { type Labels, type Links, linksOf, timeNs } from './links.ts';
import { flat, isFlat, type NodeId, type NodeType, nodeId, round } from './node.ts';

const expiryLabel = 'containerd.io/gc.expire';
const flatLabel = 'containerd.io/gc.flat';
const backReferencePrefix = 'containerd.io/gc.bref.';

/** What one resource refers to. */
interface Vertex {
  readonly links: Links;
  /** The parent of a snapshot, the target of an image: what comes along even if only the resource itself is held. */
  readonly below?: NodeId;
  /** What it needs besides what its labels say. */
  readonly needs?: NodeId;
  /** The blob whose bytes it relies on. */
  readonly digest?: string;
}

/**
 * The resources of the database as nodes, with the roots among them and the references between them. It is filled with
 * one record at a time, in any order but for leases, which come before what they hold.
 */
export class Graph {
  readonly #nowNs: bigint;
  readonly #vertices = new Map<NodeId, Vertex>();
  readonly #roots = new Set<NodeId>();
  /** How many records rely on the bytes of a blob, and stand on a snapshot. */
  readonly #users = new Counts();
  readonly #ingestRefs = new Map<NodeId, string>();
  readonly #backReferences = new Map<NodeId, NodeId[]>();
  /** Leases that hold what they have; true for those that hold it flat. */
  readonly #liveLeases = new Map<NodeId, boolean>();

  /** @param nowNs the present, in nanoseconds since the epoch, for what expires */
  constructor(nowNs: bigint) {
    this.#nowNs = nowNs;
  }

  lease(namespace: string, { id, labels }: Lease): NodeId {
    const node = this.#add('lease', namespace, id, {});
    if (this.#isExpired(labels)) return node;
    this.#roots.add(node);
    this.#liveLeases.set(node, Object.hasOwn(labels, flatLabel));
    return node;
  }

  /** What a lease holds; of no effect for an expired lease. */
  leased(namespace: string, leaseId: string, type: string, id: string): NodeId | undefined {
    const resource = leasedNode(namespace, type, id);
    const isFlatLease = this.#liveLeases.get(nodeId('lease', namespace, leaseId));
    if (resource === undefined || isFlatLease === undefined) return resource;
    this.#roots.add(isFlatLease ? flat(resource) : resource);
    return resource;
  }

  image(namespace: string, { name, target, labels }: Image): NodeId {
    const below = target === null ? {} : { below: nodeId('content', namespace, target.digest) };
    const node = this.#add('image', namespace, name, { ...below, labels });
    if (!this.#isExpired(labels)) this.#roots.add(node);
    return node;
  }

  container(namespace: string, { id, snapshotter, snapshotKey, labels }: Container): NodeId {
    const needs = snapshotter === '' ? {} : { needs: nodeId('snapshot', namespace, `${snapshotter}/${snapshotKey}`) };
    const node = this.#add('container', namespace, id, { ...needs, labels });
    this.#roots.add(node);
    return node;
  }

  /** A sandbox is not collected; it holds what its labels refer to. */
  sandbox(namespace: string, { labels }: Sandbox): readonly NodeId[] {
    const { references } = linksOf(namespace, labels);
    for (const reference of references) this.#roots.add(reference);
    return references;
  }

  blob(namespace: string, { digest, labels }: Info): NodeId {
    return this.#add('content', namespace, digest, { digest, labels });
  }

  /** @param isOpen somebody is writing it, so it is in use, whatever its lease or its age */
  ingest(namespace: string, ref: string, record: IngestRecord, isOpen: boolean): NodeId {
    const { sharedDigest, expiresAtMs } = record;
    const shared =
      sharedDigest === undefined ? {} : { digest: sharedDigest, needs: nodeId('content', namespace, sharedDigest) };
    const node = this.#add('ingest', namespace, ref, shared);
    this.#ingestRefs.set(node, record.backendRef);
    const isFresh = expiresAtMs !== undefined && BigInt(expiresAtMs) * 1_000_000n >= this.#nowNs;
    if (isFresh || isOpen) this.#roots.add(node);
    return node;
  }

  snapshot(namespace: string, snapshotter: string, key: string, { parent, labels }: SnapshotRecord): NodeId {
    const below = parent === '' ? {} : { below: nodeId('snapshot', namespace, `${snapshotter}/${parent}`) };
    return this.#add('snapshot', namespace, `${snapshotter}/${key}`, { ...below, labels });
  }

  /**
   * What is mounted for a client. Its lease keeps it, and others do by references; its own labels can only say who, not
   * what it keeps.
   */
  mount(namespace: string, name: string, { labels, leaseId, active }: ActivationRecord): NodeId {
    const names = Object.keys(labels).filter((label) => label.startsWith(backReferencePrefix));
    const node = this.#add('mount', namespace, name, {
      labels: Object.fromEntries(names.map((n) => [n, labels[n] ?? ''])),
    });
    const isLeased = leaseId !== undefined && this.#liveLeases.has(nodeId('lease', namespace, leaseId));
    // Somebody is mounting it.
    const isUnfinished = active === undefined;
    if (isLeased || isUnfinished) this.#roots.add(node);
    return node;
  }

  /** Whether a record relies on the bytes of a blob. */
  usesBlob(digest: string): boolean {
    return this.#users.has(digest);
  }

  /** Refs in the content store of all ingests. */
  get ingestRefs(): Iterable<string> {
    return this.#ingestRefs.values();
  }

  /** The parent of a snapshot, and whether something stands on the snapshot itself. */
  standing(snapshot: NodeId): { readonly parent: NodeId | undefined; readonly hasChildren: boolean } {
    return { parent: this.#vertices.get(snapshot)?.below, hasChildren: this.#users.has(snapshot) };
  }

  get roots(): Iterable<NodeId> {
    return this.#roots;
  }

  /** Every resource that is known, in the order in which they were found. */
  get nodes(): Iterable<NodeId> {
    return this.#vertices.keys();
  }

  has(node: NodeId): boolean {
    return this.#vertices.has(node);
  }

  delete(node: NodeId): void {
    const vertex = this.#vertices.get(node);
    if (vertex === undefined) return;
    this.#vertices.delete(node);
    this.#ingestRefs.delete(node);
    for (const used of usedBy(vertex)) this.#users.remove(used);
  }

  /** What a node keeps alive. */
  *references(node: NodeId): Iterable<NodeId> {
    const vertex = this.#vertices.get(round(node));
    if (isFlat(node)) {
      if (vertex?.below !== undefined) yield flat(vertex.below);
      return;
    }
    // Asked for before the record: as with containerd, a keeper only has to be referred to, it need not exist.
    yield* this.#backReferences.get(node) ?? [];
    if (vertex === undefined) return;
    if (vertex.below !== undefined) yield vertex.below;
    if (vertex.needs !== undefined) yield vertex.needs;
    yield* vertex.links.references;
    for (const { target, operator, ageNs } of vertex.links.conditions) {
      const used = this.#vertices.get(target)?.links.usedAtNs ?? [];
      const holds = used.some((atNs) => (operator === '<' ? this.#nowNs - atNs < ageNs : this.#nowNs - atNs > ageNs));
      if (holds) yield target;
    }
  }

  #add(
    type: NodeType,
    namespace: string,
    key: string,
    { labels = {}, ...rest }: Omit<Vertex, 'links'> & { readonly labels?: Labels },
  ): NodeId {
    const node = nodeId(type, namespace, key);
    const links = linksOf(namespace, labels);
    this.delete(node);
    const vertex = { links, ...rest };
    this.#vertices.set(node, vertex);
    for (const used of usedBy(vertex)) this.#users.add(used);
    if (links.isRoot && (type === 'content' || type === 'snapshot')) this.#roots.add(node);
    for (const keeper of links.backReferences) {
      const kept = this.#backReferences.get(keeper);
      if (kept === undefined) this.#backReferences.set(keeper, [node]);
      else kept.push(node);
    }
    return node;
  }

  /** As containerd does, a time that cannot be read does not expire anything. */
  #isExpired(labels: Labels): boolean {
    const expiry = labels[expiryLabel];
    const expiryNs = expiry === undefined ? undefined : timeNs(expiry);
    return expiryNs !== undefined && this.#nowNs > expiryNs;
  }
}

/** What a record would miss on disk, or among the records, at once. Digests and nodes cannot be taken for each other. */
function* usedBy({ digest, below }: Vertex): Iterable<string> {
  if (digest !== undefined) yield digest;
  if (below !== undefined) yield below;
}

/** The node of a leased resource; undefined for a kind that is not collected. */
function leasedNode(namespace: string, type: string, id: string): NodeId | undefined {
  if (type === 'content') return nodeId('content', namespace, id);
  if (type === 'images') return nodeId('image', namespace, id);
  if (type === 'ingests') return nodeId('ingest', namespace, id);
  return type.startsWith('snapshots/') ? nodeId('snapshot', namespace, `${type.slice(10)}/${id}`) : undefined;
}
