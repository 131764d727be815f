import { expect, test } from 'vitest';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { Graph } from './graph.ts';
import type { NodeId } from './node.ts';

const time = timestampFromNs(1n);
const stamps = { createdAt: time, updatedAt: time, labels: {} };

function blob(graph: Graph, namespace: string): NodeId {
  return graph.blob(namespace, { digest: 'd', size: 1, ...stamps });
}

test('the bytes of a blob are used until no namespace has it and no ingest claims it', () => {
  const graph = new Graph(0n);
  const claim = { backendRef: 'b/r', sharedDigest: 'd', expected: '', startedAtMs: 0 };
  const nodes = [blob(graph, 'a'), blob(graph, 'b'), graph.ingest('b', 'r', claim, false)];
  // Entered again, as after an update, it still counts once.
  blob(graph, 'a');
  expect([...graph.ingestRefs]).toEqual(['b/r']);
  for (const node of nodes) {
    expect(graph.usesBlob('d')).toBe(true);
    graph.delete(node);
    graph.delete(node);
  }
  expect(graph.usesBlob('d')).toBe(false);
  expect([...graph.ingestRefs]).toEqual([]);
});

test('a snapshot knows what it stands on and whether anything stands on it', () => {
  const graph = new Graph(0n);
  const add = (key: string, parent: string) => graph.snapshot('ns', 'o', key, { backendKey: key, parent, ...stamps });
  const [base, top] = [add('base', ''), add('top', 'base')];
  expect(graph.standing(base)).toEqual({ parent: undefined, hasChildren: true });
  expect(graph.standing(top)).toEqual({ parent: base, hasChildren: false });
  graph.delete(top);
  expect(graph.standing(base).hasChildren).toBe(false);
});
