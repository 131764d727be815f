import type { Command } from 'commander';
import { pullImage } from '../../client/transfer/pull.ts';
import { act, type Cli } from '../action.ts';
import { reportTransfer } from '../output/transfer/report.ts';
import { printMoved } from '../output/transfer/result.ts';
import { addRegistryOptions, type GivenRegistryOptions, withRegistry } from '../registry-options.ts';
import { addPlatformOptions, type PlatformOptions, parsePlatforms } from '../values/platform.ts';

interface PullOptions extends GivenRegistryOptions, PlatformOptions {
  readonly unpack: boolean;
  readonly snapshotter?: string;
  readonly quiet?: boolean;
}

export function definePull(command: Command): void {
  command.argument('<image>', 'reference, such as alpine:3 or registry.example:5000/team/app@sha256:…');
  addPlatformOptions(command);
  command
    .option('--no-unpack', 'leave its layers packed')
    .option('--snapshotter <name>', 'where its layers are unpacked', process.env['CONTAINERD_SNAPSHOTTER'])
    .option('-q, --quiet', 'print only its name');
  addRegistryOptions(command);
  act(command, pull);
}

async function pull(cli: Cli, options: PullOptions, reference: string): Promise<undefined> {
  const { unpack, snapshotter, quiet } = options;
  const platforms = parsePlatforms(options);
  const image = await withRegistry(options, (registry) =>
    reportTransfer(reference, { json: cli.json, quiet }, (onProgress) =>
      pullImage(cli.client, reference, { ...registry, platforms, unpack, snapshotter, onProgress }),
    ),
  );
  printMoved(cli, 'pulled', image, { quiet });
  return undefined;
}
