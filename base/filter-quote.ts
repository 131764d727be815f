const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The text that a quoted literal, its quotes included, stands for. Escapes are those of Go's strings; the quote character
 * may be escaped too. `undefined` for bad syntax. Bytes that form no UTF-8 become U+FFFD.
 */
export function unquote(literal: string): string | undefined {
  const quote = literal[0];
  if (quote === undefined || literal.length < 2 || literal.at(-1) !== quote) return undefined;
  const body = literal.slice(1, -1);
  if (!body.includes('\\') && !body.includes(quote)) return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const piece = pieceAt(body, at, quote);
    if (piece === undefined) return undefined;
    parts.push(piece.bytes);
    at = piece.end;
  }
  return Buffer.concat(parts).toString();
}

interface Piece {
  readonly bytes: Buffer;
  readonly end: number;
}

function pieceAt(body: string, at: number, quote: string): Piece | undefined {
  const char = String.fromCodePoint(body.codePointAt(at) as number);
  if (char === quote) return undefined;
  if (char !== '\\') return { bytes: Buffer.from(char), end: at + char.length };
  const kind = body[at + 1] ?? '';
  if (kind === quote) return { bytes: Buffer.from(quote), end: at + 2 };
  const simple = simpleEscapes[kind];
  if (simple !== undefined) return { bytes: Buffer.of(simple), end: at + 2 };
  const hexCount = hexDigits[kind];
  if (hexCount !== undefined) return hexEscape(body.slice(at + 2, at + 2 + hexCount), hexCount, at + 2);
  return octalEscape(body.slice(at + 1, at + 4), at + 1);
}

/** `\x` is one byte, `\u` and `\U` a code point. */
function hexEscape(digits: string, count: number, start: number): Piece | undefined {
  if (digits.length !== count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const value = Number.parseInt(digits, 16);
  if (count === 2) return { bytes: Buffer.of(value), end: start + count };
  if (value > 0x10ffff) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(value)), end: start + count };
}

function octalEscape(digits: string, start: number): Piece | undefined {
  const value = /^[0-7]{3}$/.test(digits) ? Number.parseInt(digits, 8) : 256;
  return value > 255 ? undefined : { bytes: Buffer.of(value), end: start + 3 };
}
