import { abortable } from '../../base/signals.ts';
import { oneLine } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { FindCredentials, FoundCredentials } from '../repository.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { type AskTokenServer, basic, fetchToken, realmOf, type Token, type TokenQuestion } from './token.ts';
import type { TokenCache } from './token-cache.ts';

export interface AuthorizerDeps {
  readonly tokens: TokenCache;
  readonly findCredentials: FindCredentials | undefined;
  readonly askTokenServer: AskTokenServer;
}

/** A pass for one request. */
export interface Pass {
  /** Value of the `Authorization` header; undefined to go without. */
  readonly header: string | undefined;
  readonly token?: { readonly question: TokenQuestion; readonly token: Token };
}

interface Way {
  readonly scheme: 'basic' | 'bearer' | 'header';
  readonly challenge: Challenge;
  readonly realm?: URL;
}

const withoutPass: Pass = { header: undefined };

/** How one host lets in for one repository. It starts out knowing nothing, and learns by being turned away. */
export class Authorizer {
  readonly #deps: AuthorizerDeps;
  readonly #about: { readonly host: string; readonly reference: string };
  #way: Way | undefined;
  #found: Promise<FoundCredentials> | undefined;
  #lookedIn: readonly string[] = [];
  #scopes: ReadonlySet<string> = new Set();

  constructor(deps: AuthorizerDeps, about: { readonly host: string; readonly reference: string }) {
    this.#deps = deps;
    this.#about = about;
  }

  /**
   * A pass by what is known so far.
   * @throws GantryError of the token server
   */
  async pass(scopes: readonly string[], { signal }: { readonly signal: AbortSignal }): Promise<Pass> {
    const way = this.#way;
    if (way === undefined) return withoutPass;
    const { credentials } = await this.#credentials([], signal);
    if (credentials?.kind === 'header') return { header: credentials.authorization };
    if (way.scheme === 'basic') return credentials?.kind === 'basic' ? { header: basic(credentials) } : withoutPass;
    if (way.realm === undefined) return withoutPass;
    const question: TokenQuestion = {
      realm: way.realm,
      service: way.challenge.parameters['service'],
      scopes: [...new Set([...scopes, ...this.#scopes])].sort(),
      credentials,
    };
    const fetched = this.#deps.tokens.get(question, () => fetchToken(this.#deps.askTokenServer, question));
    const token = await abortable(fetched, signal);
    return { header: `Bearer ${token.value}`, token: { question, token } };
  }

  /**
   * Learns from an answer 401 to a request that had `pass`.
   * @returns whether to try again, which is so if another pass would be shown
   * @throws GantryError failed-precondition for a token server that must not be trusted
   */
  async turnedAway(answer: HttpAnswer, pass: Pass, { signal }: { readonly signal: AbortSignal }): Promise<boolean> {
    const lines = [answer.headers['www-authenticate'] ?? []].flat() as string[];
    const challenges = parseChallenges(lines);
    const { credentials } = await this.#credentials(lines, signal);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const basicChallenge = challenges.find(({ scheme }) => scheme === 'basic');
    if (credentials?.kind === 'header')
      this.#way = { scheme: 'header', challenge: { scheme: 'header', parameters: {} } };
    else if (bearer !== undefined) this.#learnBearer(bearer, answer.url);
    else if (basicChallenge !== undefined && credentials?.kind === 'basic') {
      this.#way = { scheme: 'basic', challenge: basicChallenge };
    } else return false;
    if (pass.token !== undefined) {
      this.#deps.tokens.drop(pass.token.question, pass.token.token);
      return true;
    }
    return pass.header === undefined;
  }

  /** Why nobody is let in, for people. */
  get lookedIn(): string {
    if (this.#found === undefined) return '';
    if (this.#deps.findCredentials === undefined) return 'asked without credentials';
    if (this.#lookedIn.length === 0) return 'no credentials were given';
    return `credentials were looked for in ${this.#lookedIn.map(oneLine).join(', ')}`;
  }

  #learnBearer(challenge: Challenge, registry: URL): void {
    this.#way = { scheme: 'bearer', challenge, realm: realmOf(challenge, registry) };
    const { scope, error } = challenge.parameters;
    if (scope === undefined || scope === '') return;
    // A host that says what is missing may be asked for that from then on; otherwise it names what it wants each time.
    if (error === 'insufficient_scope' || this.#scopes.size === 0) {
      this.#scopes = new Set([...this.#scopes, ...scope.split(' ')].filter((item) => item !== ''));
    }
  }

  #credentials(challenges: readonly string[], signal: AbortSignal): Promise<FoundCredentials> {
    this.#found ??= this.#find(challenges, signal);
    return this.#found;
  }

  async #find(challenges: readonly string[], signal: AbortSignal): Promise<FoundCredentials> {
    const { findCredentials } = this.#deps;
    if (findCredentials === undefined) return { lookedIn: [] };
    const found = await findCredentials({ ...this.#about, challenges, signal }).catch((error) => {
      // The next request may be luckier.
      this.#found = undefined;
      throw error;
    });
    this.#lookedIn = found.lookedIn;
    return found;
  }
}
