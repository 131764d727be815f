import type { Command } from 'commander';
import type { ImportOptions } from '../../client/import/import.ts';
import { act, type Cli } from '../action.ts';
import { importArchiveFile } from '../import-archive.ts';
import { addPlatformOptions, type PlatformOptions, parsePlatforms } from '../values/platform.ts';

export function defineImport(command: Command): void {
  command
    .argument('<file>', 'OCI layout or docker archive, also compressed; - for standard input')
    .option('--name <reference>', 'name for the only image of the archive, instead of those in it')
    .option('--base-name <name>', 'put before mere tags; images with other full names are left out')
    .option('--digests', 'name images that have no name BASE@DIGEST')
    .option('--index-name <reference>', 'keep the index of the archive under this name')
    .option('--compress', 'compress plain layers of a docker archive');
  addPlatformOptions(command, { platform: 'has to be complete, and is unpacked', all: 'all have to be complete' });
  act(command, importFile);
}

interface Options extends Pick<ImportOptions, 'name' | 'baseName' | 'indexName' | 'compress'>, PlatformOptions {
  readonly digests?: true;
}

async function importFile(cli: Cli, options: Options, file: string): Promise<undefined> {
  const { name, baseName, indexName, compress } = options;
  const naming = { name, baseName, indexName, digests: options.digests ? 'unnamed' : undefined } as const;
  return importArchiveFile(cli, file, { ...naming, compress, platforms: parsePlatforms(options) });
}
