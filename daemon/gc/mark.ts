import type { NodeId } from './node.ts';
import { round } from './node.ts';

/** The nodes that a node keeps alive. */
export type References = (node: NodeId) => Iterable<NodeId>;

/**
 * Finds all that can be reached from roots, by tri-colour marking: a node is *white* until it is seen, *grey* until its
 * references are followed, *black* then. It is pure: what it knows of the world are the roots it is given and the
 * references it asks for. It can be advanced in slices, and more roots can be given at any time.
 *
 * A flat node and its twin are marked each for itself, since they keep different things alive; either keeps the resource.
 */
export class Marking {
  readonly #references: References;
  readonly #seen = new Set<NodeId>();
  readonly #reachable = new Set<NodeId>();
  readonly #grey: NodeId[] = [];

  constructor(references: References) {
    this.#references = references;
  }

  /** Makes nodes grey that are white. */
  shade(nodes: Iterable<NodeId>): void {
    for (const node of nodes) {
      if (this.#seen.has(node)) continue;
      this.#seen.add(node);
      this.#grey.push(node);
    }
  }

  /** Makes a node grey whatever it was, because its references are others now. */
  shadeAgain(node: NodeId): void {
    this.#seen.add(node);
    this.#grey.push(node);
  }

  /** Blackens at most `steps` nodes; true if grey ones are left. */
  advance(steps = Number.POSITIVE_INFINITY): boolean {
    for (let step = 0; step < steps; step += 1) {
      const node = this.#grey.pop();
      if (node === undefined) return false;
      this.shade(this.#references(node));
      this.#reachable.add(round(node));
    }
    return this.#grey.length > 0;
  }

  /** True for a node that is black. */
  isReachable(node: NodeId): boolean {
    return this.#reachable.has(node);
  }
}
