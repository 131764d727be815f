import type { Command } from 'commander';
import { invalidArgument } from '../../base/errors.ts';
import { CredentialStore } from '../../client/credentials/store.ts';
import { act, type Cli } from '../action.ts';
import { askLine, askSecret, readSecret } from '../input/prompt.ts';
import { printJson } from '../output/print.ts';
import { oneLine } from '../output/text.ts';
import { openRegistryClient, toRepositoryOptions } from '../registry-client.ts';
import { parseServer } from '../values/server.ts';

interface LoginOptions {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly plainHttp?: boolean;
  readonly hostsDir?: string;
}

const timeoutMs = 60_000;

export function defineLogin(command: Command): void {
  command
    .argument('[registry]', 'host with optional port', 'docker.io')
    .option('-u, --username <name>', 'asked for without it')
    .option('-p, --password <password>', 'other users of this machine can see it; better one of the other ways')
    .option('--password-stdin', 'read the password from standard input; asked for without it')
    .option('--plain-http', 'talk to the registry without TLS')
    .option('--hosts-dir <path>', 'folder of hosts.toml files');
  act(command, login);
}

async function login(cli: Cli, options: LoginOptions, server: string): Promise<undefined> {
  const host = parseServer(server);
  const credentials = { kind: 'basic', ...(await credentialsFrom(options)) } as const;
  await using registry = openRegistryClient();
  await registry.enter(host, {
    ...toRepositoryOptions(options),
    signal: AbortSignal.timeout(timeoutMs),
    findCredentials: async () => ({ credentials, lookedIn: [`what was given for "${credentials.username}"`] }),
  });
  const place = await new CredentialStore().store(host, credentials);
  if (cli.json) printJson({ registry: host, username: credentials.username, place });
  else process.stdout.write(`${oneLine(`logged in to ${host} as ${credentials.username}; kept in ${place}`)}\n`);
  return undefined;
}

async function credentialsFrom(options: LoginOptions): Promise<{ username: string; password: string }> {
  const { password: given, passwordStdin } = options;
  if (given !== undefined && passwordStdin) throw invalidArgument('--password and --password-stdin exclude each other');
  if (passwordStdin && options.username === undefined) throw invalidArgument('--password-stdin needs --username');
  const username = options.username ?? (await askLine('Username: '));
  if (username === '') throw invalidArgument('a login needs a username');
  if (username.includes(':')) throw invalidArgument('a username has no colon');
  const password = given ?? (await (passwordStdin ? readSecret() : askSecret('Password: ')));
  if (password === '') throw invalidArgument('a login needs a password');
  return { username, password };
}
