import { createHash } from 'node:crypto';
import type { Token, TokenQuestion } from './token.ts';

const maxTokens = 1_000;

/** Tokens that token servers have given out, for all repositories; one request at a time for the same one. */
export class TokenCache {
  readonly #tokens = new Map<string, Token>();
  readonly #pending = new Map<string, Promise<Token>>();

  /** A token that still lives, or a new one. */
  async get(question: TokenQuestion, fetch: () => Promise<Token>): Promise<Token> {
    const key = keyOf(question);
    const token = this.#tokens.get(key);
    if (token !== undefined && token.expiresAtMs > Date.now()) return token;
    const pending = this.#pending.get(key) ?? this.#fetch(key, fetch);
    return pending;
  }

  /** Forgets a token that a host did not take; a newer one stays. */
  drop(question: TokenQuestion, token: Token): void {
    const key = keyOf(question);
    if (this.#tokens.get(key) === token) this.#tokens.delete(key);
  }

  #fetch(key: string, fetch: () => Promise<Token>): Promise<Token> {
    const pending = fetch().then((token) => {
      this.#tokens.delete(key);
      this.#tokens.set(key, token);
      const [oldest] = this.#tokens.keys();
      if (this.#tokens.size > maxTokens && oldest !== undefined) this.#tokens.delete(oldest);
      return token;
    });
    this.#pending.set(key, pending);
    const forget = () => this.#pending.delete(key);
    pending.then(forget, forget);
    return pending;
  }
}

/** Whoever has other credentials gets another token. Hashed, so that no secret lies around as a key. */
function keyOf({ realm, service, scopes, credentials }: TokenQuestion): string {
  return createHash('sha256')
    .update(JSON.stringify([realm.href, service, scopes, credentials]))
    .digest('base64');
}
