/** Backtracking can take time exponential in these, so longer ones never match. Identifiers and labels are far shorter. */
const maxPatternLength = 1_024;
const maxSubjectLength = 8_192;

/** True when the pattern is found somewhere in the text. */
export type PatternTest = (text: string) => boolean;

const never: PatternTest = () => false;

/** Compiles a regular expression of RE2's syntax. A pattern that RE2 would refuse never matches. */
export function compilePattern(pattern: string): PatternTest {
  if (pattern.length > maxPatternLength) return never;
  // RE2 has neither look-around nor back references.
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) return never;
  const translated = pattern
    .replaceAll('(?P<', '(?<')
    .replace(/^\(\?([ims]+)\)([\s\S]*)$/, '(?$1:$2)')
    .replaceAll('\\z', '$')
    .replaceAll('\\A', '^');
  try {
    const expression = new RegExp(translated);
    return (text) => text.length <= maxSubjectLength && expression.test(text);
  } catch {
    return never;
  }
}
