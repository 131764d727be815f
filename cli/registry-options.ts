import { resolve } from 'node:path';
import type { Command } from 'commander';
import { GantryError, invalidArgument, isKind } from '../base/errors.ts';
import { type Credentials, serverNameOf } from '../client/credentials/credentials.ts';
import { CredentialStore } from '../client/credentials/store.ts';
import type { RegistryOptions } from '../client/transfer/endpoints.ts';
import { parseReference } from '../image/reference.ts';
import { askSecret } from './input/prompt.ts';

/** How a registry is reached, as it is given to `pull`, `push` and `run`. */
export interface GivenRegistryOptions {
  /** `USER[:PASSWORD]` */
  readonly user?: string;
  readonly plainHttp?: boolean;
  readonly hostsDir?: string;
}

export function addRegistryOptions(command: Command): void {
  command
    .option('--user <user>', 'USER[:PASSWORD] for the registry instead of those of "gantry login"')
    .option('--plain-http', 'talk to the registry without TLS')
    .option('--hosts-dir <path>', "folder of hosts.toml files instead of the daemon's own");
}

/** Where the credentials of the last host that asked came from, for the one who has to mend them. */
interface Search {
  host: string;
  text: string;
}

/**
 * Runs `work` with what the options mean, credentials being looked up when a registry wants them. A registry that does not
 * let us in is an error that says which credentials it was shown, and from where.
 */
export async function withRegistry<T>(
  { user, plainHttp, hostsDir }: GivenRegistryOptions,
  work: (options: RegistryOptions) => Promise<T>,
): Promise<T> {
  const given = user === undefined ? undefined : await parseUser(user);
  let search: Search | undefined;
  const findCredentials = async ({ host, reference }: { host: string; reference: string }) => {
    // A mirror that asks is not who they were given for.
    if (given !== undefined && serverNameOf(host) === serverNameOf(parseReference(reference).domain)) {
      search = { host, text: `it was shown those of "${given.username}" from --user` };
      return given;
    }
    const store = new CredentialStore();
    const found = await store.find(host);
    const text =
      found === undefined
        ? `there are none in ${await store.placeOf(host)}; "gantry login ${loginName(host)}" puts some there`
        : `it was shown those of ${userOf(found.credentials)} from ${found.place}`;
    search = { host, text };
    return found?.credentials;
  };
  try {
    return await work({
      findCredentials,
      defaultScheme: plainHttp ? 'http' : undefined,
      // The daemon's folder is not ours.
      hostsDir: hostsDir === undefined ? undefined : resolve(hostsDir),
    });
  } catch (error) {
    throw search === undefined ? error : withSearch(error, search);
  }
}

function withSearch(error: unknown, { host, text }: Search): unknown {
  const isRefused = isKind(error, 'unauthenticated') || isKind(error, 'permission-denied');
  if (!isRefused) return error;
  // Where the daemon looked is here.
  const message = error.message.replace(/; credentials were looked for in stream "[^"]*" of the client/, '');
  return new GantryError(error.kind, `${message} (credentials for ${host}: ${text})`, { cause: error });
}

/** People log in to `docker.io`, whatever its host is called. */
function loginName(host: string): string {
  return serverNameOf(host) === host ? host : 'docker.io';
}

function userOf(credentials: Credentials): string {
  return credentials.kind === 'basic' ? `"${credentials.username}"` : 'a token';
}

/** The password after the first colon; without one it is asked for. */
async function parseUser(user: string): Promise<Extract<Credentials, { kind: 'basic' }>> {
  const colon = user.indexOf(':');
  const username = colon === -1 ? user : user.slice(0, colon);
  if (username === '') throw invalidArgument('--user: must be USER or USER:PASSWORD');
  if (colon !== -1) return { kind: 'basic', username, password: user.slice(colon + 1) };
  return { kind: 'basic', username, password: await askSecret('Password: ') };
}
