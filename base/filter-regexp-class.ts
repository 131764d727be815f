/** Whether a code point belongs to a set. */
export type CharTest = (code: number) => boolean;

const inRange =
  (low: number, high: number): CharTest =>
  (code) =>
    code >= low && code <= high;
export const not =
  (test: CharTest): CharTest =>
  (code) =>
    !test(code);
const anyOf =
  (tests: readonly CharTest[]): CharTest =>
  (code) =>
    tests.some((test) => test(code));
const codeOf = (char: string) => char.codePointAt(0) as number;
const charsOf = (ranges: string): CharTest => {
  const tests: CharTest[] = [];
  for (let at = 0; at < ranges.length; at += 2) tests.push(inRange(ranges.charCodeAt(at), ranges.charCodeAt(at + 1)));
  return anyOf(tests);
};

const digit = charsOf('09');
const word = charsOf('09AZaz__');
const space = charsOf('\t\n\f\r  ');

/** `\d` and its like: ASCII only, as in RE2. */
export const perlClasses: Readonly<Record<string, CharTest>> = {
  d: digit,
  D: not(digit),
  w: word,
  W: not(word),
  s: space,
  S: not(space),
};

/** The names of `[[:name:]]`. */
export const posixClasses: Readonly<Record<string, CharTest>> = {
  alnum: charsOf('09AZaz'),
  alpha: charsOf('AZaz'),
  ascii: charsOf('\0\x7f'),
  blank: charsOf('\t\t  '),
  cntrl: charsOf('\0\x1f\x7f\x7f'),
  digit,
  graph: charsOf('!~'),
  lower: charsOf('az'),
  print: charsOf(' ~'),
  punct: charsOf('!/:@[`{~'),
  space: charsOf('\t\r  '),
  upper: charsOf('AZ'),
  word,
  xdigit: charsOf('09AFaf'),
};

/** The class of `\p{name}`: a general category or a script. `undefined` for a name that is none. */
export function unicodeClass(name: string): CharTest | undefined {
  for (const property of [name, `Script=${name}`]) {
    try {
      const expression = new RegExp(`^\\p{${property}}$`, 'u');
      // Besides these two kinds JavaScript knows properties such as ASCII, which RE2 does not.
      if (property === name && name.length > 2) continue;
      return (code) => expression.test(String.fromCodePoint(code));
    } catch {
      // Not a property of this kind.
    }
  }
  return undefined;
}

/** One character; `fold` takes either case of it. */
export function charTest(char: string, fold: boolean): CharTest {
  const code = codeOf(char);
  return fold ? folded((other) => other === code) : (other) => other === code;
}

/** Characters from one to another, both included. */
export const rangeTest = (low: string, high: string): CharTest => inRange(codeOf(low), codeOf(high));

export const unionTest = anyOf;

/** The same set without regard to case. */
export function folded(test: CharTest): CharTest {
  return (code) => {
    if (test(code)) return true;
    const char = String.fromCodePoint(code);
    return [char.toLowerCase(), char.toUpperCase()].some((other) => [...other].length === 1 && test(codeOf(other)));
  };
}
