import type { Command } from 'commander';
import { CredentialStore } from '../../client/credentials/store.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { parseServer } from '../values/server.ts';

export function defineLogout(command: Command): void {
  command.argument('[registry]', 'host with optional port', 'docker.io');
  act(command, logout);
}

async function logout(cli: Cli, _options: object, server: string): Promise<undefined> {
  const host = parseServer(server);
  const wasKnown = await new CredentialStore().erase(host);
  if (cli.json) printJson({ registry: host, wasLoggedIn: wasKnown });
  else process.stdout.write(wasKnown ? `logged out of ${host}\n` : `was not logged in to ${host}\n`);
  return undefined;
}
