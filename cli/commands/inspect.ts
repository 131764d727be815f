import type { Command } from 'commander';
import { invalidArgument, isKind, messageOf, notFound } from '../../base/errors.ts';
import { type Platform, parsePlatform } from '../../image/platform.ts';
import { act, type Cli } from '../action.ts';
import { inspectContainer } from '../inspect/container.ts';
import { inspectImage } from '../inspect/image.ts';
import { printJson } from '../output/print.ts';
import { oneLine } from '../output/text.ts';

interface InspectOptions {
  readonly type?: string;
  readonly platform?: string;
}

export function defineInspect(command: Command): void {
  command
    .argument('<name...>', 'containers or images; a container comes before an image of the same name')
    .option('--type <type>', 'container or image')
    .option('--platform <platform>', 'of images: os/architecture[/variant] instead of that of this machine');
  act(command, inspect);
}

async function inspect(cli: Cli, { type, platform }: InspectOptions, names: string[]): Promise<number> {
  if (type !== undefined && type !== 'container' && type !== 'image') {
    throw invalidArgument(`--type "${type}": must be container or image`);
  }
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const found: object[] = [];
  let failures = 0;
  for (const name of names) {
    try {
      found.push(await inspectOne(cli, name, type, wanted));
    } catch (error) {
      failures += 1;
      process.stderr.write(`gantry: ${oneLine(messageOf(error))}\n`);
    }
  }
  printJson(found);
  return failures === 0 ? 0 : 1;
}

async function inspectOne(
  cli: Cli,
  name: string,
  type: 'container' | 'image' | undefined,
  platform: Platform | undefined,
): Promise<object> {
  if (type === 'image') return inspectImage(cli, name, platform);
  try {
    return await inspectContainer(cli, name);
  } catch (error) {
    // What cannot be the id of a container may be an image.
    if (type === 'container' || !(isKind(error, 'not-found') || isKind(error, 'invalid-argument'))) throw error;
  }
  try {
    return await inspectImage(cli, name, platform);
  } catch (error) {
    const isNoImage = isKind(error, 'not-found') && error.message.startsWith('image ');
    throw isNoImage ? notFound(`"${name}": no such container or image`) : error;
  }
}
