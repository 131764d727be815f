/** Kinds of token of the filter grammar; `other` is a character that starts none of them, `end` the end of the text. */
export type TokenKind = 'field' | 'quoted' | 'value' | 'separator' | 'operator' | 'other' | 'illegal' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Where the token starts, counted in UTF-16 units. */
  readonly position: number;
  readonly text: string;
}

const isField = (char: string) => /^[A-Za-z0-9_]$/.test(char);
const isSpace = (char: string) => /^\s$/u.test(char);
const isOperator = (char: string) => char === '=' || char === '!' || char === '~';
const isSeparator = (char: string) => char === ',' || char === '.';
const isQuote = (char: string) => char === '"' || char === '/' || char === '|';
const isValue = (char: string) => char !== ',' && !isSpace(char) && /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);

const escapeDigits: Readonly<Record<string, { digit: RegExp; count: number }>> = {
  x: { digit: /^[0-9a-fA-F]$/, count: 2 },
  u: { digit: /^[0-9a-fA-F]$/, count: 4 },
  U: { digit: /^[0-9a-fA-F]$/, count: 8 },
};

/** Splits a filter into tokens. What a value may hold depends on what stood before it, so tokens are taken one by one. */
export class FilterScanner {
  /** Why the last `illegal` token is one. */
  problem = '';
  readonly #input: string;
  #position = 0;
  #valueNext = false;

  constructor(input: string) {
    this.#input = input;
  }

  /** Where the next character stands. */
  get position(): number {
    return this.#position;
  }

  /** The next character, whatever it is; empty at the end. */
  peek(): string {
    const code = this.#input.codePointAt(this.#position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  /** Takes the next token, passing over the space before it. */
  next(): Token {
    while (isSpace(this.peek())) this.#take();
    const position = this.#position;
    const token = (kind: TokenKind): Token => ({ kind, position, text: this.#input.slice(position, this.#position) });
    const char = this.#take();
    if (char === '') return token('end');
    if (char === '\0') return this.#illegal('unexpected null', token);
    if (isQuote(char)) return this.#scanQuoted(char) ? token('quoted') : token('illegal');
    if (isSeparator(char)) {
      this.#valueNext = false;
      return token('separator');
    }
    if (isOperator(char)) {
      this.#takeWhile(isOperator);
      this.#valueNext = true;
      return token('operator');
    }
    if (this.#valueNext) {
      this.#takeWhile(isValue);
      this.#valueNext = false;
      return token('value');
    }
    if (!isField(char)) return token('other');
    this.#takeWhile(isField);
    return token('field');
  }

  #take(): string {
    const char = this.peek();
    this.#position += char.length;
    return char;
  }

  #takeWhile(accepts: (char: string) => boolean): void {
    while (accepts(this.peek())) this.#take();
  }

  #illegal(problem: string, token: (kind: TokenKind) => Token): Token {
    this.problem ||= problem;
    return token('illegal');
  }

  #scanQuoted(quote: string): boolean {
    let legal = true;
    for (;;) {
      const char = this.#take();
      if (char === quote) return legal;
      if (char === '' || char === '\n' || char === '\0') {
        this.problem ||= char === '\0' ? 'unexpected null' : 'quoted literal not terminated';
        return false;
      }
      if (char === '\\' && !this.#scanEscape(quote)) legal = false;
    }
  }

  #scanEscape(quote: string): boolean {
    const char = this.peek();
    if ('abfnrtv\\'.includes(char) || char === quote) {
      if (char !== '') this.#take();
      return char !== '';
    }
    const octal = /^[0-7]$/.test(char);
    const digits = octal ? { digit: /^[0-7]$/, count: 3 } : escapeDigits[char];
    if (digits === undefined) {
      this.problem ||= 'illegal escape sequence';
      return false;
    }
    if (!octal) this.#take();
    for (let index = 0; index < digits.count; index++) {
      if (!digits.digit.test(this.peek())) {
        this.problem ||= 'illegal numeric escape sequence';
        return false;
      }
      this.#take();
    }
    return true;
  }
}
