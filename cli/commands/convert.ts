import type { Command } from 'commander';
import type { Compression } from '../../archive/compression.ts';
import { invalidArgument } from '../../base/errors.ts';
import { convertImage } from '../../client/convert/convert.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { Progress } from '../output/progress.ts';
import { oneLine } from '../output/text.ts';
import { formatSize } from '../output/units.ts';
import { addPlatformOptions, type PlatformOptions, parsePlatforms, repeated } from '../values/platform.ts';

interface Options extends PlatformOptions {
  readonly uncompress?: true;
  readonly gzip?: true;
  readonly zstd?: true;
  readonly oci?: true;
  readonly add?: string[];
}

const compressions: readonly (readonly [keyof Options, Compression])[] = [
  ['uncompress', 'none'],
  ['gzip', 'gzip'],
  ['zstd', 'zstd'],
];

export function defineConvert(command: Command): void {
  command.argument('<source>', 'image to begin with');
  command.argument('<target>', 'name of the new image; one that exists is replaced');
  command.option('--uncompress', 'store layers as plain tar archives');
  command.option('--gzip', 'compress layers with gzip');
  command.option('--zstd', 'compress layers with zstd; implies --oci');
  command.option('--oci', "change Docker's media types to OCI's");
  addPlatformOptions(command, { platform: 'stays in an index', all: 'all stay in an index' });
  command.option('--add <image>', 'add the platforms of this image; repeatable', repeated);
  act(command, convert);
}

async function convert(cli: Cli, options: Options, source: string, target: string): Promise<undefined> {
  const asked = compressions.filter(([option]) => options[option] === true).map(([, compression]) => compression);
  if (asked.length > 1) throw invalidArgument('only one of --uncompress, --gzip and --zstd can be given');
  using progress = new Progress(cli);
  const { name, target: made } = await convertImage(cli.client, source, target, {
    compression: asked[0],
    oci: options.oci,
    platforms: parsePlatforms(options),
    add: options.add,
    onBytes: (readBytes) => progress.show(`converting: ${formatSize(readBytes)}`),
  });
  progress.clear();
  if (cli.json) printJson([{ name, digest: made.digest, mediaType: made.mediaType }]);
  else process.stdout.write(`${oneLine(made.digest)}\n`);
  return undefined;
}
