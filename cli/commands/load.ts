import type { Command } from 'commander';
import { act, type Cli } from '../action.ts';
import { importArchiveFile } from '../import-archive.ts';
import { addPlatformOptions, type PlatformOptions, parsePlatforms } from '../values/platform.ts';

interface LoadOptions extends PlatformOptions {
  readonly input: string;
  readonly compress?: boolean;
  readonly unpack: boolean;
  readonly quiet?: boolean;
}

export function defineLoad(command: Command): void {
  command
    .option('-i, --input <file>', 'archive to read, standard input without it', '-')
    .option('--compress', 'compress plain layers of a docker archive')
    .option('--no-unpack', 'leave layers packed')
    .option('-q, --quiet', 'show no progress');
  addPlatformOptions(command, { platform: 'has to be complete, and is unpacked', all: 'all have to be complete' });
  act(command, (cli: Cli, options: LoadOptions) =>
    importArchiveFile(cli, options.input, {
      compress: options.compress,
      platforms: parsePlatforms(options),
      unpack: options.unpack,
      quiet: options.quiet,
    }),
  );
}
