/** One way in that a host offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names are lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const maxHeaderLength = 16 * 1024;
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const schemePattern = new RegExp(`^[\\s,]*(${token})(?=[\\s,]|$)(?!\\s*=)`);
const parameterPattern = new RegExp(`^[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`);
const token68Pattern = /^\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/;

/**
 * Reads `WWW-Authenticate` headers. One line may hold several challenges, and what is no challenge ends its line: the
 * ones before it still count.
 */
export function parseChallenges(headers: string | readonly string[] | undefined): Challenge[] {
  const lines = headers === undefined ? [] : typeof headers === 'string' ? [headers] : headers;
  return lines.flatMap((line) => [...challengesIn(line.slice(0, maxHeaderLength))]);
}

function* challengesIn(line: string): Generator<Challenge> {
  let rest = line;
  for (let scheme = schemePattern.exec(rest); scheme !== null; scheme = schemePattern.exec(rest)) {
    rest = rest.slice(scheme[0].length);
    const parameters: Record<string, string> = Object.create(null);
    const token68 = token68Pattern.exec(rest);
    if (token68 !== null) rest = rest.slice(token68[0].length);
    for (let found = parameterPattern.exec(rest); found !== null; found = parameterPattern.exec(rest)) {
      const [whole, name = '', quoted, plain = ''] = found;
      parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
      rest = rest.slice(whole.length);
    }
    yield { scheme: (scheme[1] ?? '').toLowerCase(), parameters };
  }
}
