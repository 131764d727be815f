import { parseDigest } from '../base/digest.ts';
import { invalidArgument } from '../base/errors.ts';

const defaultDomain = 'docker.io';
const defaultTag = 'latest';
const nameMaxLength = 255;
const textMaxLength = 1024;

const domainPattern =
  /^(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?$/;
const pathComponentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/** An image reference with every default filled in. */
export interface Reference {
  /** Host with optional port, for example `docker.io`. */
  readonly domain: string;
  /** Repository within the domain, for example `library/busybox`. */
  readonly path: string;
  /** Absent when the reference is by digest: the digest says more, so a tag beside it is dropped. */
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * Reads a reference the way Docker and containerd's clients do: `busybox` means `docker.io/library/busybox:latest`.
 * @throws GantryError invalid-argument, naming the reference and what is wrong with it
 */
export function parseReference(text: string): Reference {
  if (text === '' || text.length > textMaxLength) throw bad(text.slice(0, 64), 'its length is wrong');
  if (/^[a-f0-9]{64}$/.test(text)) throw bad(text, 'a bare 64-digit hexadecimal string is not a repository name');
  const [beforeDigest, digest] = cutDigest(text);
  const { domain, rest } = splitDomain(beforeDigest);
  const colon = rest.indexOf(':');
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  const path = domain === defaultDomain && !repository.includes('/') ? `library/${repository}` : repository;
  checkName(text, domain, path);
  if (tag !== undefined && !tagPattern.test(tag)) throw bad(text, `"${tag}" is not a tag`);
  return digest === undefined ? { domain, path, tag: tag ?? defaultTag } : { domain, path, digest };
}

/** The canonical text of a reference: what image records are named by. */
export function formatReference(reference: Reference): string {
  const name = `${reference.domain}/${reference.path}`;
  return reference.digest === undefined ? `${name}:${reference.tag ?? defaultTag}` : `${name}@${reference.digest}`;
}

/** `parseReference` and `formatReference` in one: `busybox` to `docker.io/library/busybox:latest`. */
export function normalizeReference(text: string): string {
  return formatReference(parseReference(text));
}

/** The shortest text that means the same, for people: `docker.io/library/busybox:latest` to `busybox:latest`. */
export function familiarReference(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');
}

function cutDigest(text: string): [string, string | undefined] {
  const at = text.indexOf('@');
  if (at === -1) return [text, undefined];
  const digest = text.slice(at + 1);
  try {
    parseDigest(digest);
  } catch (error) {
    throw invalidArgument(`invalid reference "${text}": ${error instanceof Error ? error.message : 'bad digest'}`);
  }
  return [text.slice(0, at), digest];
}

/** The first component is a domain only if it looks like one; otherwise the whole is a path at the default domain. */
function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (!isDomain) return { domain: defaultDomain, rest: text };
  return { domain: first === 'index.docker.io' ? defaultDomain : first, rest: text.slice(slash + 1) };
}

function checkName(text: string, domain: string, path: string): void {
  if (path !== path.toLowerCase()) throw bad(text, 'repository name must be lowercase');
  if (`${domain}/${path}`.length > nameMaxLength) {
    throw bad(text, `repository name must not be more than ${nameMaxLength} characters`);
  }
  const wellFormed = domainPattern.test(domain) && path.split('/').every((part) => pathComponentPattern.test(part));
  if (!wellFormed) throw bad(text, 'invalid reference format');
}

function bad(text: string, why: string) {
  return invalidArgument(`invalid reference "${text}": ${why}`);
}
