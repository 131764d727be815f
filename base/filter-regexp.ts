import type { CharTest } from './filter-regexp-class.ts';
import { perlClasses } from './filter-regexp-class.ts';
import { type Node, type Place, parseRegexp } from './filter-regexp-parser.ts';

/** Patterns come from clients: what one may cost is bounded, in steps to try per character of the text. */
const maxSteps = 10_000;

/** One step of the compiled pattern; the numbers are the steps that may follow. */
type Step =
  | { readonly kind: 'char'; readonly test: CharTest; next: number }
  | { readonly kind: 'place'; readonly place: Place; next: number }
  | { readonly kind: 'fork'; next: number[] }
  | { readonly kind: 'match' };

/** True when the pattern is found somewhere in the text. */
export type PatternTest = (text: string) => boolean;

/**
 * Compiles a regular expression of RE2's syntax. As in RE2, all ways to match are followed at once, so no pattern makes
 * matching slow, as JavaScript's own expressions can be made. A pattern that RE2 refuses never matches.
 */
export function compilePattern(pattern: string): PatternTest {
  try {
    const program = new Program(parseRegexp(pattern));
    return (text) => program.finds(text);
  } catch (error) {
    if (error instanceof SyntaxError) return () => false;
    throw error;
  }
}

class Program {
  readonly #steps: Step[] = [];
  readonly #start: number;

  constructor(tree: Node) {
    this.#start = this.#compile(tree, this.#add({ kind: 'match' }));
  }

  finds(text: string): boolean {
    const codes = Array.from(text, (char) => char.codePointAt(0) as number);
    let active = new Set<number>();
    for (let at = 0; at <= codes.length; at++) {
      // A match may start anywhere.
      if (this.#follow(this.#start, codes, at, active)) return true;
      const code = codes[at];
      if (code === undefined) return false;
      const next = new Set<number>();
      for (const index of active) {
        const step = this.#steps[index] as Step;
        if (step.kind === 'char' && step.test(code) && this.#follow(step.next, codes, at + 1, next)) return true;
      }
      active = next;
    }
    return false;
  }

  /** Adds a step and all that are reached from it without a character; true when one of them is the match. */
  #follow(from: number, codes: readonly number[], at: number, reached: Set<number>): boolean {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const step = this.#steps[index] as Step;
      if (step.kind === 'match') return true;
      if (step.kind === 'fork') open.push(...step.next);
      else if (step.kind === 'place' && isAt(step.place, codes, at)) open.push(step.next);
    }
    return false;
  }

  /** Compiles a node so that `next` follows it; returns where it starts. */
  #compile(node: Node, next: number): number {
    if (node.kind === 'char') return this.#add({ kind: 'char', test: node.test, next });
    if (node.kind === 'place') return this.#add({ kind: 'place', place: node.place, next });
    if (node.kind === 'sequence') return node.nodes.reduceRight((after, each) => this.#compile(each, after), next);
    if (node.kind === 'choice') {
      return this.#add({ kind: 'fork', next: node.nodes.map((each) => this.#compile(each, next)) });
    }
    return this.#repeat(node.node, node.min, node.max, next);
  }

  #repeat(node: Node, min: number, max: number, next: number): number {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop: { kind: 'fork'; next: number[] } = { kind: 'fork', next: [] };
      start = this.#add(loop);
      loop.next.push(this.#compile(node, start), next);
    } else {
      for (let count = min; count < max; count++) {
        start = this.#add({ kind: 'fork', next: [this.#compile(node, start), next] });
      }
    }
    for (let count = 0; count < min; count++) start = this.#compile(node, start);
    return start;
  }

  #add(step: Step): number {
    if (this.#steps.length >= maxSteps) throw new SyntaxError('pattern is too large');
    return this.#steps.push(step) - 1;
  }
}

function isAt(place: Place, codes: readonly number[], at: number): boolean {
  const before = codes[at - 1];
  const after = codes[at];
  if (place === 'text-start') return before === undefined;
  if (place === 'text-end') return after === undefined;
  if (place === 'line-start') return before === undefined || before === 10;
  if (place === 'line-end') return after === undefined || after === 10;
  return (isWord(before) !== isWord(after)) === (place === 'word-edge');
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && (perlClasses['w'] as CharTest)(code);
}
