import {
  type CharTest,
  charTest,
  folded,
  not,
  perlClasses,
  posixClasses,
  rangeTest,
  unicodeClass,
  unionTest,
} from './filter-regexp-class.ts';

/** Places that are matched without taking a character. */
export type Place = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

export type Node =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  /** `max` may be Infinity. */
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

interface Flags {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** RE2 refuses greater counts, which would blow up the program. */
const maxRepeat = 1_000;
const maxDepth = 200;

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const places: Readonly<Record<string, Place>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-edge',
  B: 'no-word-edge',
};

/** The tree of a regular expression of RE2's syntax. Throws SyntaxError for what RE2 refuses. */
export function parseRegexp(pattern: string): Node {
  return new RegexpParser(pattern).parse();
}

class RegexpParser {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#chars = [...pattern];
  }

  parse(): Node {
    const node = this.#choice({ fold: false, multiline: false, dotAll: false });
    if (this.#at < this.#chars.length) throw new SyntaxError('unexpected )');
    return node;
  }

  /** Alternatives up to the end of the group. Flags set within hold to its end. */
  #choice(outer: Flags): Node {
    if (++this.#depth > maxDepth) throw new SyntaxError('nested too deeply');
    let flags = outer;
    const alternatives: Node[][] = [[]];
    for (let char = this.#peek(); char !== undefined && char !== ')'; char = this.#peek()) {
      const current = alternatives.at(-1) as Node[];
      if (this.#accept('|')) {
        alternatives.push([]);
      } else if (this.#acceptText('\\Q')) {
        const literals = this.#quoted().map((char): Node => ({ kind: 'char', test: charTest(char, flags.fold) }));
        const last = literals.pop();
        current.push(...literals, ...(last === undefined ? [] : [this.#repeated(last)]));
      } else {
        const [node, next] = this.#atom(flags);
        flags = next;
        if (node !== undefined) current.push(this.#repeated(node));
      }
    }
    this.#depth--;
    return { kind: 'choice', nodes: alternatives.map((nodes) => ({ kind: 'sequence', nodes })) };
  }

  #quoted(): string[] {
    const start = this.#at;
    while (this.#peek() !== undefined && !this.#sees('\\E')) this.#at++;
    const literals = this.#chars.slice(start, this.#at);
    this.#acceptText('\\E');
    return [...literals];
  }

  #atom(flags: Flags): [Node | undefined, Flags] {
    const char = this.#take();
    if (char === '(') return this.#group(flags);
    const leaf = (test: CharTest): [Node, Flags] => [{ kind: 'char', test }, flags];
    if (char === '[') return leaf(this.#class(flags.fold));
    if (char === '.') return leaf(flags.dotAll ? () => true : (code) => code !== 10);
    if (char === '^') return [{ kind: 'place', place: flags.multiline ? 'line-start' : 'text-start' }, flags];
    if (char === '$') return [{ kind: 'place', place: flags.multiline ? 'line-end' : 'text-end' }, flags];
    if (char === '*' || char === '+' || char === '?') throw new SyntaxError('nothing to repeat');
    if (char !== '\\') return leaf(charTest(char, flags.fold));
    const place = places[this.#peek() ?? ''];
    if (place !== undefined) {
      this.#at++;
      return [{ kind: 'place', place }, flags];
    }
    const set = this.#escapedClass();
    if (set !== undefined) return leaf(flags.fold ? folded(set) : set);
    return leaf(charTest(this.#escapedChar(), flags.fold));
  }

  #group(flags: Flags): [Node | undefined, Flags] {
    let inner = flags;
    if (this.#accept('?') && !this.#groupName()) {
      inner = this.#flags(flags);
      if (this.#accept(')')) return [undefined, inner];
      this.#expect(':');
    }
    const node = this.#choice(inner);
    this.#expect(')');
    return [node, flags];
  }

  #groupName(): boolean {
    if (!this.#acceptText('P<') && !this.#accept('<')) return false;
    let name = '';
    while (this.#peek() !== '>') name += this.#take();
    this.#at++;
    if (!/^\w+$/.test(name)) throw new SyntaxError('bad group name');
    return true;
  }

  #flags(flags: Flags): Flags {
    const changed = { ...flags };
    for (let value = true; this.#peek() !== ')' && this.#peek() !== ':'; ) {
      const flag = this.#take();
      if (flag === 'i') changed.fold = value;
      else if (flag === 'm') changed.multiline = value;
      else if (flag === 's') changed.dotAll = value;
      else if (flag === '-' && value) value = false;
      // U swaps greedy and lazy, which makes no difference to whether there is a match.
      else if (flag !== 'U') throw new SyntaxError(`unknown flag ${flag}`);
    }
    return changed;
  }

  #repeated(node: Node): Node {
    const count = this.#count();
    if (count === undefined) return node;
    this.#accept('?');
    if (this.#count() !== undefined) throw new SyntaxError('nested repetition');
    return { kind: 'repeat', node, ...count };
  }

  #count(): { min: number; max: number } | undefined {
    if (this.#accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#accept('?')) return { min: 0, max: 1 };
    const [text, low, comma, high] = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#ahead(16)) ?? [];
    if (text === undefined) return undefined;
    this.#at += text.length;
    const min = Number(low);
    const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min > maxRepeat || (max > maxRepeat && max !== Number.POSITIVE_INFINITY) || max < min) {
      throw new SyntaxError(`bad repetition ${text}`);
    }
    return { min, max };
  }

  #class(fold: boolean): CharTest {
    const negated = this.#accept('^');
    const tests: CharTest[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) tests.push(this.#classItem());
    this.#at++;
    const union = fold ? folded(unionTest(tests)) : unionTest(tests);
    return negated ? not(union) : union;
  }

  #classItem(): CharTest {
    const [text, caret, name] = /^\[:(\^?)(\w+):\]/.exec(this.#ahead(12)) ?? [];
    if (text !== undefined) {
      const named = Object.hasOwn(posixClasses, name as string) ? posixClasses[name as string] : undefined;
      if (named === undefined) throw new SyntaxError(`unknown class ${text}`);
      this.#at += text.length;
      return caret === '^' ? not(named) : named;
    }
    const low = this.#classChar();
    if (typeof low !== 'string') return low;
    if (this.#peek() !== '-' || this.#chars[this.#at + 1] === ']') return charTest(low, false);
    this.#at++;
    const high = this.#classChar();
    if (typeof high !== 'string' || (high.codePointAt(0) as number) < (low.codePointAt(0) as number)) {
      throw new SyntaxError('bad range');
    }
    return rangeTest(low, high);
  }

  #classChar(): string | CharTest {
    const char = this.#take();
    if (char !== '\\') return char;
    return this.#escapedClass() ?? this.#escapedChar();
  }

  /** The class behind a backslash, if there is one. */
  #escapedClass(): CharTest | undefined {
    const kind = this.#peek() ?? '';
    const perl = Object.hasOwn(perlClasses, kind) ? perlClasses[kind] : undefined;
    if (perl !== undefined) {
      this.#at++;
      return perl;
    }
    const [text, letter, long, short] = /^([pP])(?:\{(\^?\w+)\}|(\w))/.exec(this.#ahead(40)) ?? [];
    if (text === undefined) return undefined;
    const name = long ?? (short as string);
    const set = unicodeClass(name.replace('^', ''));
    if (set === undefined) throw new SyntaxError(`unknown class \\${text}`);
    this.#at += text.length;
    return (letter === 'P') === name.startsWith('^') ? set : not(set);
  }

  #escapedChar(): string {
    const [digits, hex] =
      /^(?:x([0-9A-Fa-f]{2})|x\{[0-9A-Fa-f]{1,8}\}|[1-7][0-7]{1,2}|0[0-7]{0,2})/.exec(this.#ahead(12)) ?? [];
    if (digits !== undefined) {
      this.#at += digits.length;
      const isHex = digits.startsWith('x');
      const code = isHex ? Number.parseInt(hex ?? digits.slice(2), 16) : Number.parseInt(digits, 8);
      if (code > 0x10ffff) throw new SyntaxError('bad code point');
      return String.fromCodePoint(code);
    }
    const char = this.#take();
    const simple = Object.hasOwn(simpleEscapes, char) ? simpleEscapes[char] : undefined;
    if (simple !== undefined) return simple;
    if (/^[0-9A-Za-z]$/.test(char) || (char.codePointAt(0) as number) > 127)
      throw new SyntaxError(`bad escape \\${char}`);
    return char;
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #ahead(count: number): string {
    return this.#chars.slice(this.#at, this.#at + count).join('');
  }

  #sees(text: string): boolean {
    return this.#ahead(text.length) === text;
  }

  #accept(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #acceptText(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(char: string): void {
    if (!this.#accept(char)) throw new SyntaxError(`missing ${char}`);
  }

  #take(): string {
    const char = this.#peek();
    if (char === undefined) throw new SyntaxError('ends too early');
    this.#at++;
    return char;
  }
}
