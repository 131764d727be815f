import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { GantryError, invalidArgument, messageOf } from '../../base/errors.ts';

/** What docker's configuration says of one registry; which of it is there depends on how somebody logged in. */
export interface AuthEntry {
  /** `user:password` in base64. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  /** A refresh token. */
  readonly identitytoken?: string;
  /** A token to show as it is. */
  readonly registrytoken?: string;
}

/** The part of docker's configuration that is about credentials, and all the rest as it was. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, AuthEntry>>;
  /** Suffix of the program that keeps the credentials of a registry. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** The same for every other registry. */
  readonly credsStore: string | undefined;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Where docker keeps its configuration: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath(env: NodeJS.ProcessEnv): string {
  const folder = env['DOCKER_CONFIG'];
  return folder ? join(folder, 'config.json') : join(env['HOME'] || homedir(), '.docker', 'config.json');
}

/**
 * Reads a configuration; one that does not exist is empty.
 * @throws GantryError failed-precondition, naming the file, for one that cannot be read or is out of order
 */
export async function readDockerConfig(path: string): Promise<DockerConfig> {
  const document = await readObject(path);
  const credsStore = document['credsStore'];
  if (credsStore !== undefined && typeof credsStore !== 'string') throw broken(path, 'credsStore is not a string');
  const auths = objectAt(path, document, 'auths');
  const credHelpers = objectAt(path, document, 'credHelpers');
  for (const [server, entry] of Object.entries(auths)) {
    const isFit = isObject(entry) && Object.values(entry).every((value) => value === null || typeof value !== 'object');
    if (!isFit) throw broken(path, `auths has no usable entry for "${server}"`);
  }
  for (const [server, suffix] of Object.entries(credHelpers)) {
    if (typeof suffix !== 'string') throw broken(path, `credHelpers of "${server}" is not a string`);
  }
  return {
    auths: auths as Record<string, AuthEntry>,
    credHelpers: credHelpers as Record<string, string>,
    credsStore: credsStore === '' ? undefined : credsStore,
    document,
  };
}

/**
 * Replaces the entries of `auths`, leaving everything else of the file as it was. The file appears whole or not at all, and
 * only its owner can read it.
 */
export async function writeAuths(
  path: string,
  config: DockerConfig,
  auths: Readonly<Record<string, AuthEntry>>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // People keep theirs behind symbolic links.
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (info) => info.mode & 0o700,
    () => 0o600,
  );
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(`${JSON.stringify({ ...config.document, auths }, null, '\t')}\n`);
    await file.sync();
    await chmod(temporary, mode);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new GantryError('failed-precondition', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * User name and password of an entry's `auth`; undefined if it has none.
 * @throws GantryError invalid-argument, without the text itself, for what is not base64 of `user:password`
 */
export function decodeAuth(auth: string | undefined): { username: string; password: string } | undefined {
  if (!auth) return undefined;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(auth.trim())) {
    throw invalidArgument('auth is not base64');
  }
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw invalidArgument('auth is not base64 of USER:PASSWORD');
  // Docker's own first versions padded the password.
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw broken(path, messageOf(error));
  }
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's words quote the file, which has secrets in it.
    throw broken(path, 'it is not JSON');
  }
  if (!isObject(value)) throw broken(path, 'it is not a JSON object');
  return value;
}

function objectAt(path: string, document: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = document[key] ?? {};
  if (!isObject(value)) throw broken(path, `${key} is not an object`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(path: string, why: string): GantryError {
  return new GantryError('failed-precondition', `docker configuration ${path}: ${why}`);
}
