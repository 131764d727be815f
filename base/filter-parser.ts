import { invalidArgument } from './errors.ts';
import { unquote } from './filter-quote.ts';
import { FilterScanner, type Token } from './filter-scanner.ts';

/** One condition on one field of an object. */
export type Selector =
  | { readonly path: string[]; readonly operator: 'present' }
  | { readonly path: string[]; readonly operator: '==' | '!=' | '~='; readonly value: string };

/**
 * Parses one filter, a list of selectors that all have to hold:
 *
 *     filter    = selector *("," selector)
 *     selector  = fieldpath [operator value]
 *     fieldpath = field *("." field)
 *     field     = quoted | 1*(letter | digit | "_")
 *     operator  = "==" | "!=" | "~="
 *     value     = quoted | 1*(printable, no "," and no space)
 *
 * A quoted text stands in double quotes with Go's escapes; after `~=` also between slashes or vertical bars.
 * @throws GantryError invalid-argument that shows where the text stops making sense
 */
export function parseFilter(input: string): Selector[] {
  const parser = new Parser(input);
  return parser.selectors();
}

class Parser {
  readonly #input: string;
  readonly #scanner: FilterScanner;

  constructor(input: string) {
    this.#input = input;
    this.#scanner = new FilterScanner(input);
  }

  selectors(): Selector[] {
    const selectors = [this.#selector()];
    for (let next = this.#scanner.peek(); next !== ''; next = this.#scanner.peek()) {
      if (next !== ',') throw this.#failure(this.#scanner.position, `unexpected input: ${next}`);
      this.#scanner.next();
      selectors.push(this.#selector());
    }
    return selectors;
  }

  #selector(): Selector {
    const path = this.#path();
    const next = this.#scanner.peek();
    if (next === '' || next === ',') return { path, operator: 'present' };
    const operator = this.#operator();
    return { path, operator, value: this.#value(operator === '~=') };
  }

  #path(): string[] {
    const path = [this.#field()];
    while (this.#scanner.peek() === '.') {
      this.#scanner.next();
      path.push(this.#field());
    }
    return path;
  }

  #field(): string {
    const token = this.#scanner.next();
    if (token.kind === 'field') return token.text;
    if (token.kind === 'quoted') return this.#unquoted(token, false);
    throw this.#unexpected(token, 'expected field or quoted');
  }

  #operator(): '==' | '!=' | '~=' {
    const token = this.#scanner.next();
    if (token.kind !== 'operator') throw this.#unexpected(token, 'expected an operator ("=="|"!="|"~=")');
    const { text } = token;
    if (text === '==' || text === '!=' || text === '~=') return text;
    throw this.#failure(token.position, `unsupported operator ${JSON.stringify(text)}`);
  }

  #value(isPattern: boolean): string {
    const token = this.#scanner.next();
    if (token.kind === 'value' || token.kind === 'field') return token.text;
    if (token.kind === 'quoted') return this.#unquoted(token, isPattern);
    throw this.#unexpected(token, 'expected value or quoted');
  }

  #unquoted(token: Token, anyQuote: boolean): string {
    if (!anyQuote && !token.text.startsWith('"')) throw this.#failure(token.position, 'invalid quote encountered');
    const text = unquote(token.text);
    if (text === undefined) throw this.#failure(token.position, 'unquoting failed: quote syntax error');
    return text;
  }

  #unexpected(token: Token, expectation: string) {
    return this.#failure(token.position, token.kind === 'illegal' ? this.#scanner.problem : expectation);
  }

  /** An error that points at the character which is to blame, as containerd's does. */
  #failure(position: number, problem: string) {
    const input = this.#input;
    const char = input.slice(position, position + 1);
    const place = char === '' ? input : `${input.slice(0, position)} >|${char}|< ${input.slice(position + 1)}`;
    return invalidArgument(`filters: parse error: [${place}]: ${problem}`);
  }
}
