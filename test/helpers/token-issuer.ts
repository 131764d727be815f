import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Exchange, Served } from './exchange.ts';
import { registryUser } from './registry.ts';

/** How tokens are issued. */
export interface TokenOptions {
  /** Whether who gives no credentials gets tokens to pull with; default false. */
  readonly anonymous?: boolean;
  /** Seconds for which a token is good and which it says it is; default 300. */
  readonly lifeS?: number;
  /** Seconds by which the clock of the issuer is ahead (or behind, negative); default 0. */
  readonly skewS?: number;
  /** Answers to OAuth2's POST; without it, as many registries do, only to GET. Default true. */
  readonly post?: boolean;
  /** Refuses every token that it has issued: a loop for who tries again for ever. */
  readonly refusing?: boolean;
}

interface Token {
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** Issues bearer tokens as the distribution project's authorization services do, and checks them. */
export class TokenIssuer {
  /** Everything that must not be shown to anybody: the password, and all tokens. */
  readonly secrets: string[] = [registryUser.password, Buffer.from(userPass).toString('base64')];
  readonly #realm: string;
  readonly #options: TokenOptions;
  readonly #tokens = new Map<string, Token>();
  readonly #refreshToken = this.#secret();

  constructor(realm: string, options: TokenOptions) {
    this.#realm = realm;
    this.#options = options;
  }

  /** A refresh token for the one user. */
  get refreshToken(): string {
    return this.#refreshToken;
  }

  /** Makes all tokens worthless, as if their time had come. */
  expireAll(): void {
    this.#tokens.clear();
  }

  /** Whether a request carries a token for what it asks. */
  accepts(served: Served): boolean {
    const bearer = /^Bearer (.+)$/.exec(served.headers.authorization ?? '')?.[1] ?? '';
    const token = this.#tokens.get(bearer);
    if (this.#options.refusing || token === undefined || token.expiresAtMs <= Date.now()) return false;
    const scope = scopeOf(served);
    return scope === undefined || token.scopes.includes(scope);
  }

  /** Tells a client where to get a token for what it asks. */
  async challenge(exchange: Exchange): Promise<void> {
    const scope = scopeOf(exchange.served);
    const parameters = { realm: this.#realm, service: 'faulty', ...(scope && { scope }) };
    const quoted = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
    await exchange.refuse(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': `Bearer ${quoted.join(',')}`,
    });
  }

  /** Answers a request for a token. */
  async issue(exchange: Exchange): Promise<void> {
    const { request, served } = exchange;
    const isPost = served.method === 'POST';
    if (isPost && this.#options.post === false) return exchange.answer(405);
    const asked = isPost ? new URLSearchParams(await text(request)) : new URL(served.path, 'http://x').searchParams;
    const known = isPost ? this.#knowsForm(asked) : served.headers.authorization === `Basic ${this.secrets[1]}`;
    const someone = isPost || served.headers.authorization !== undefined;
    if (someone ? !known : !this.#options.anonymous) {
      const why = someone ? 'incorrect username or password' : 'authentication required';
      return exchange.refuse(401, 'UNAUTHORIZED', why);
    }
    const scopes = asked.getAll('scope').flatMap((scope) => scope.split(' '));
    const granted = known ? scopes : scopes.filter((scope) => scope.endsWith(':pull'));
    await exchange.answer(200, JSON.stringify(this.#grant(granted.flatMap(eachAction), isPost)), {
      'content-type': 'application/json',
    });
  }

  #knowsForm(form: URLSearchParams): boolean {
    if (form.get('grant_type') === 'refresh_token') return form.get('refresh_token') === this.#refreshToken;
    return form.get('username') === registryUser.username && form.get('password') === registryUser.password;
  }

  #grant(scopes: readonly string[], isPost: boolean): object {
    const { lifeS = 300, skewS = 0 } = this.#options;
    const token = this.#secret();
    this.#tokens.set(token, { scopes, expiresAtMs: Date.now() + lifeS * 1000 });
    const issuedAt = new Date(Date.now() + skewS * 1000).toISOString();
    return {
      [isPost ? 'access_token' : 'token']: token,
      expires_in: lifeS,
      issued_at: issuedAt,
      ...(isPost && { refresh_token: this.#refreshToken }),
    };
  }

  #secret(): string {
    const secret = randomBytes(24).toString('base64url');
    this.secrets.push(secret);
    return secret;
  }
}

const userPass = `${registryUser.username}:${registryUser.password}`;

function scopeOf({ repository, method }: Served): string | undefined {
  if (repository === '') return undefined;
  return `repository:${repository}:${method === 'GET' || method === 'HEAD' ? 'pull' : 'push'}`;
}

/** `repository:a:pull,push` as one scope per action. */
function eachAction(scope: string): string[] {
  const cut = scope.lastIndexOf(':');
  return scope
    .slice(cut + 1)
    .split(',')
    .map((action) => `${scope.slice(0, cut)}:${action}`);
}
