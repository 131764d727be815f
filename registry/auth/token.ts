import type { IncomingHttpHeaders } from 'node:http';
import { failedPrecondition, GantryError, messageOf } from '../../base/errors.ts';
import { refusal } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { showUrl } from '../mask.ts';
import type { Credentials } from '../repository.ts';
import type { Challenge } from './challenge.ts';

export interface Token {
  readonly value: string;
  /** By this machine's clock; nobody else's is trusted to be right. */
  readonly expiresAtMs: number;
}

/** What a token is wanted for. */
export interface TokenQuestion {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

/** Sends a request to a token server, with its redirects and retries. */
export type AskTokenServer = (request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) => Promise<HttpAnswer>;

const maxAnswerBytes = 1024 * 1024;
/** The registry protocol's own: what a token lives when its answer does not say, and less than which none is believed to. */
const leastLifetimeMs = 60_000;
const longestLifetimeMs = 24 * 3_600_000;
const clientId = 'gantry';

/**
 * Where a challenge sends for a token.
 * @throws GantryError failed-precondition for no HTTP URL, or for one without TLS where the registry has it
 */
export function realmOf({ parameters }: Challenge, registry: URL): URL {
  const text = parameters['realm'] ?? '';
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  if (realm === undefined || !/^https?:$/.test(realm.protocol)) {
    throw failedPrecondition('its token server (realm) is no HTTP URL');
  }
  if (registry.protocol === 'https:' && realm.protocol === 'http:') {
    throw failedPrecondition(`its token server ${showUrl(realm)} is without TLS`);
  }
  return realm;
}

/**
 * Asks for a token: as Docker does, with a refresh token by OAuth, with a password by GET and basic authentication, and
 * by OAuth where the server does not know that.
 * @throws GantryError with what the token server said, naming it
 */
export async function fetchToken(ask: AskTokenServer, question: TokenQuestion): Promise<Token> {
  try {
    return await tokenIn(await answerTo(ask, question));
  } catch (error) {
    const kind = error instanceof GantryError ? error.kind : 'unknown';
    throw new GantryError(kind, `token server ${question.realm.host}: ${messageOf(error)}`, { cause: error });
  }
}

async function answerTo(ask: AskTokenServer, question: TokenQuestion): Promise<HttpAnswer> {
  const { credentials } = question;
  if (credentials?.kind === 'refresh-token') {
    return ask(post(question, { grant_type: 'refresh_token', refresh_token: credentials.token }));
  }
  const answer = await ask(get(question));
  if (credentials?.kind !== 'basic' || ![404, 405].includes(answer.status)) return answer;
  answer.body.discard();
  const { username, password } = credentials;
  return ask(post(question, { grant_type: 'password', username, password }));
}

function get({ realm, service, scopes, credentials }: TokenQuestion) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return {
    method: 'GET',
    url,
    headers: credentials?.kind === 'basic' ? { authorization: basic(credentials) } : {},
  } as const;
}

function post({ realm, service = '', scopes }: TokenQuestion, grant: Record<string, string>) {
  const scope = scopes.length > 0 ? { scope: scopes.join(' ') } : {};
  const form = new URLSearchParams({ ...grant, service, client_id: clientId, ...scope });
  const bytes = Buffer.from(form.toString());
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  return { method: 'POST', url: realm, headers, body: { sizeBytes: bytes.length, open: () => once(bytes) } } as const;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The value of an `Authorization` header for a name and password. */
export function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function tokenIn(answer: HttpAnswer): Promise<Token> {
  if (answer.status !== 200) throw await refusal(answer);
  const receivedAtMs = Date.now();
  const fields = parse(await readBody(answer.body, maxAnswerBytes), answer.headers);
  const value = [fields['access_token'], fields['token']].find((item) => typeof item === 'string' && item !== '');
  // It becomes part of a header.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
    throw new GantryError('unavailable', 'its answer has no token');
  const seconds = Number(fields['expires_in']);
  const lifetimeMs = Number.isFinite(seconds)
    ? Math.min(Math.max(seconds * 1_000, leastLifetimeMs), longestLifetimeMs)
    : leastLifetimeMs;
  // Used a little less long than it lives, for the time that it is under way.
  return { value, expiresAtMs: receivedAtMs + lifetimeMs * 0.9 };
}

function parse(bytes: Buffer, headers: IncomingHttpHeaders): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for JSON that is no object: the text may hold a token, so that it is not shown.
  }
  throw new GantryError('unavailable', `its answer is no JSON object but ${headers['content-type'] ?? 'of no type'}`);
}
