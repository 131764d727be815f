import { GantryError, messageOf } from '../../base/errors.ts';
import { type Credentials, isServerOf, serverNameOf } from './credentials.ts';
import {
  type AuthEntry,
  type DockerConfig,
  decodeAuth,
  dockerConfigPath,
  readDockerConfig,
  writeAuths,
} from './docker-config.ts';
import { CredentialHelper, tokenUsername } from './helper.ts';

/** Credentials, and the file or program they were found in. */
export interface FoundCredentials {
  readonly credentials: Credentials;
  readonly place: string;
}

/** What a login leaves behind. */
export type Login = Exclude<Credentials, { kind: 'header' }>;

/**
 * The credentials that docker, and what follows it, keeps for a user: in its configuration file, or in the programs that
 * the file names. The file is read anew by every call.
 */
export class CredentialStore {
  /** Path of the configuration file. */
  readonly path: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param env where the file's folder and the programs are found */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
    this.path = dockerConfigPath(env);
  }

  /** The file or program that is asked about a host. */
  async placeOf(host: string): Promise<string> {
    return this.#helperFor(await readDockerConfig(this.path), host)?.program ?? this.path;
  }

  /**
   * What is kept for a host (`docker.io`, `localhost:5000`); undefined if nothing is.
   * @throws GantryError failed-precondition for a configuration or a program out of order, naming it
   */
  async find(host: string, options: { signal?: AbortSignal | undefined } = {}): Promise<FoundCredentials | undefined> {
    const config = await readDockerConfig(this.path);
    const helper = this.#helperFor(config, host);
    if (helper !== undefined) {
      const login = await helper.get(serverNameOf(host), options);
      if (login !== undefined && (login.username !== '' || login.secret !== '')) {
        const { username, secret } = login;
        return { credentials: toCredentials(username, secret), place: helper.program };
      }
    }
    // A program that knows nothing leaves what was written to the file before it was set up.
    for (const [server, entry] of Object.entries(config.auths)) {
      if (!isServerOf(server, host)) continue;
      const credentials = this.#read(server, entry);
      if (credentials !== undefined) return { credentials, place: this.path };
    }
    return undefined;
  }

  /** Keeps a login for a host, in place of any other. Returns the file or program that has it now. */
  async store(host: string, login: Login): Promise<string> {
    const config = await readDockerConfig(this.path);
    const server = serverNameOf(host);
    const helper = this.#helperFor(config, host);
    const others = Object.fromEntries(Object.entries(config.auths).filter(([key]) => !isServerOf(key, host)));
    if (helper === undefined) {
      await writeAuths(this.path, config, { ...others, [server]: toEntry(login) });
      return this.path;
    }
    const isToken = login.kind === 'refresh-token';
    await helper.store(server, {
      username: isToken ? tokenUsername : login.username,
      secret: isToken ? login.token : login.password,
    });
    // Docker lists the server without its secret, so that others know of it.
    await writeAuths(this.path, config, { ...others, [server]: {} });
    return helper.program;
  }

  /** Forgets what is kept for a host. Returns whether there was anything. */
  async erase(host: string): Promise<boolean> {
    const config = await readDockerConfig(this.path);
    const helper = this.#helperFor(config, host);
    const known = await this.find(host).catch(() => undefined);
    if (helper !== undefined) await helper.erase(serverNameOf(host));
    const kept = Object.entries(config.auths).filter(([server]) => !isServerOf(server, host));
    const isListed = kept.length < Object.keys(config.auths).length;
    if (isListed) await writeAuths(this.path, config, Object.fromEntries(kept));
    return known !== undefined || isListed;
  }

  #helperFor({ credHelpers, credsStore }: DockerConfig, host: string): CredentialHelper | undefined {
    const [, own] = Object.entries(credHelpers).find(([server]) => isServerOf(server, host)) ?? [];
    const suffix = own ?? credsStore;
    return suffix ? new CredentialHelper(suffix, this.#env) : undefined;
  }

  #read(server: string, entry: AuthEntry): Credentials | undefined {
    try {
      return fromEntry(entry);
    } catch (error) {
      const text = `docker configuration ${this.path}: "${server}": ${messageOf(error)}`;
      throw new GantryError('failed-precondition', text, { cause: error });
    }
  }
}

function fromEntry({ auth, username, password, identitytoken, registrytoken }: AuthEntry): Credentials | undefined {
  if (registrytoken) return { kind: 'header', authorization: `Bearer ${registrytoken}` };
  if (identitytoken) return { kind: 'refresh-token', token: identitytoken };
  const basic = decodeAuth(auth) ?? (username ? { username, password: password ?? '' } : undefined);
  return basic && { kind: 'basic', ...basic };
}

function toCredentials(username: string, secret: string): Credentials {
  return username === tokenUsername
    ? { kind: 'refresh-token', token: secret }
    : { kind: 'basic', username, password: secret };
}

function toEntry(login: Login): AuthEntry {
  if (login.kind === 'refresh-token') return { identitytoken: login.token };
  return { auth: Buffer.from(`${login.username}:${login.password}`).toString('base64') };
}
