import type { Command } from 'commander';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { version } from '../version.ts';

const timeoutMs = 10_000;

export function defineVersion(command: Command): void {
  act(command, printVersions);
}

/** The client's own version is worth printing even when no daemon answers. */
async function printVersions(cli: Cli): Promise<undefined> {
  if (!cli.json) process.stdout.write(`Client:\n  Version:   ${version}\n  Node:      ${process.versions.node}\n`);
  const service = cli.client.service('containerd.services.version.v1.Version');
  const server = await service.Version({}, { timeoutMs });
  if (cli.json)
    printJson({ client: { version, node: process.versions.node }, server: { ...server, address: cli.address } });
  else {
    process.stdout.write(
      `Server:\n  Version:   ${server.version}\n  Revision:  ${server.revision}\n  Address:   ${cli.address}\n`,
    );
  }
  return undefined;
}
