import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { PassThrough, Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Command } from 'commander';
import { GantryError, invalidArgument, messageOf } from '../../base/errors.ts';
import { exportImages } from '../../client/export/export.ts';
import { act, type Cli } from '../action.ts';
import { Progress } from '../output/progress.ts';
import { formatSize } from '../output/units.ts';
import { addPlatformOptions, type PlatformOptions, parsePlatforms } from '../values/platform.ts';

interface SaveOptions extends PlatformOptions {
  readonly output: string;
  readonly compress?: string;
}

const sigpipeStatus = 141;

const compressors: Readonly<Record<string, () => Transform>> = { gzip: createGzip, zstd: createZstdCompress };

export function defineSave(command: Command): void {
  command
    .argument('<image...>', 'images of the store, all into one archive')
    .option('-o, --output <file>', 'archive to write, standard output without it', '-')
    .option('--compress <format>', 'compress the archive with gzip or zstd');
  addPlatformOptions(command);
  act(command, save);
}

async function save(cli: Cli, options: SaveOptions, images: string[]): Promise<number> {
  const { output, compress } = options;
  const compressor = compress === undefined ? () => new PassThrough() : compressors[compress];
  if (compressor === undefined) throw invalidArgument(`--compress "${compress}": must be gzip or zstd`);
  if (output === '-' && process.stdout.isTTY) {
    throw invalidArgument('standard output is a terminal: name a file with --output, or pipe it somewhere');
  }
  const platforms = parsePlatforms(options);
  using progress = new Progress(cli);
  const archive = exportImages(cli.client, images, {
    ...(platforms === 'all' ? { allPlatforms: true } : { platforms }),
    onBytes: (bytes, total) => progress.show(`saving ${formatSize(bytes)} of ${formatSize(total)}`),
  });
  // What cannot be exported is known before a file is made.
  const first = await archive.next();
  const bytes = Readable.from(resumed(first, archive), { objectMode: false });
  const write = (target: Writable) => pipeline(bytes, compressor(), target, { end: target !== process.stdout });
  try {
    await (output === '-' ? write(process.stdout) : toFile(output, write));
    return 0;
  } catch (error) {
    // Whoever reads has gone.
    if (output === '-' && (error as NodeJS.ErrnoException).code === 'EPIPE') return sigpipeStatus;
    throw error;
  }
}

async function* resumed<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** A regular file appears whole or not at all. */
async function toFile(path: string, write: (target: Writable) => Promise<void>): Promise<void> {
  const isSpecial = await stat(path).then(
    (info) => !info.isFile(),
    () => false,
  );
  const temporary = isSpecial ? path : `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await write(createWriteStream(temporary, { mode: 0o600, flags: isSpecial ? 'w' : 'wx' }));
    if (!isSpecial) await rename(temporary, path);
  } catch (error) {
    if (!isSpecial) await rm(temporary, { force: true });
    if (error instanceof GantryError) throw error;
    throw new GantryError('failed-precondition', `${path}: ${messageOf(error)}`, { cause: error });
  }
}
