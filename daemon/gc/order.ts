import type { References } from './mark.ts';
import type { NodeId } from './node.ts';

/** Nodes visited between two pauses. */
const sliceSize = 2_000;

/**
 * The nodes in an order in which each comes before what it refers to, as far as references are not circular.
 * @param pause awaited now and then, so that others get their turn
 */
export async function referrersFirst(
  nodes: ReadonlySet<NodeId>,
  references: References,
  pause: () => Promise<void>,
): Promise<NodeId[]> {
  const seen = new Set<NodeId>();
  const finished: NodeId[] = [];
  const path: { readonly node: NodeId; readonly rest: Iterator<NodeId> }[] = [];
  const enter = (node: NodeId) => {
    if (seen.has(node) || !nodes.has(node)) return;
    seen.add(node);
    path.push({ node, rest: references(node)[Symbol.iterator]() });
  };
  let steps = 0;
  for (const start of nodes) {
    enter(start);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const next = at.rest.next();
      if (!next.done) {
        enter(next.value);
      } else {
        finished.push(at.node);
        path.pop();
      }
      steps += 1;
      if (steps % sliceSize === 0) await pause();
    }
  }
  return finished.reverse();
}
