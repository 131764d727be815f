/**
 * The nodes of the graph that a collection marks. A *node* is one resource: its type, its namespace and its key there;
 * the key of a snapshot is `<snapshotter>/<key>`. A *flat* node stands for the same resource held by a lease that wants
 * it alone, without what its labels refer to. Nodes are kept as one text each, for a graph holds many.
 */
export type NodeType = 'container' | 'content' | 'image' | 'ingest' | 'lease' | 'mount' | 'snapshot';

export type NodeId = string;

const flatMark = '~';

/** The text of a node. */
export function nodeId(type: NodeType, namespace: string, key: string): NodeId {
  return `${type}\0${namespace}\0${key}`;
}

/** The flat twin of a node, which is its own. */
export function flat(id: NodeId): NodeId {
  return isFlat(id) ? id : flatMark + id;
}

/** The node itself, whether flat or not. */
export function round(id: NodeId): NodeId {
  return isFlat(id) ? id.slice(flatMark.length) : id;
}

export function isFlat(id: NodeId): boolean {
  return id.startsWith(flatMark);
}

/** The parts of a node. */
export function partsOfNode(id: NodeId): { readonly type: NodeType; readonly namespace: string; readonly key: string } {
  const [type, namespace = '', key = ''] = round(id).split('\0');
  return { type: type as NodeType, namespace, key };
}

/** The parts of a snapshot's key. */
export function snapshotOfKey(key: string): { readonly snapshotter: string; readonly key: string } {
  const slash = key.indexOf('/');
  return { snapshotter: key.slice(0, slash), key: key.slice(slash + 1) };
}
