import type { Command } from 'commander';
import { invalidArgument } from '../../base/errors.ts';
import { parseReference } from '../../image/reference.ts';
import { act, type Cli } from '../action.ts';
import { addGlobalOptions } from '../globals.ts';
import { printJson } from '../output/print.ts';
import { oneLine } from '../output/text.ts';
import { openRegistryClient, toRepositoryOptions } from '../registry-client.ts';
import { addRegistryOptions, type GivenRegistryOptions, withRegistry } from '../registry-options.ts';

interface TagsOptions extends GivenRegistryOptions {
  readonly limit?: string;
}

export function defineSearch(command: Command): void {
  const tags = command.command('tags').description('list the tags of a repository in its registry');
  addGlobalOptions(tags, '--address <socket>');
  tags
    .argument('<repository>', 'such as alpine or registry.example:5000/team/app')
    .option('--limit <count>', 'print at most so many');
  addRegistryOptions(tags);
  act(tags, listTags);
}

/** Asks the registry itself; the daemon has no part in it. */
async function listTags(cli: Cli, options: TagsOptions, name: string): Promise<undefined> {
  const limit = parseLimit(options.limit);
  const reference = parseReference(name);
  const tags: string[] = [];
  await withRegistry(options, async ({ findCredentials }) => {
    await using registry = openRegistryClient();
    const repository = await registry.repository(reference, {
      ...toRepositoryOptions(options),
      findCredentials: async (question) => {
        const credentials = await findCredentials?.(question);
        return { ...(credentials && { credentials }), lookedIn: ['the files and programs of docker'] };
      },
    });
    for await (const tag of repository.tags({ signal: new AbortController().signal })) {
      if (tags.length === limit) break;
      tags.push(tag);
      if (!cli.json) process.stdout.write(`${oneLine(tag)}\n`);
    }
  });
  if (cli.json) printJson(tags.map((tag) => ({ name: `${reference.domain}/${reference.path}:${tag}`, tag })));
  return undefined;
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidArgument(`--limit "${text}": must be a number from 1 on`);
  return Number(text);
}
