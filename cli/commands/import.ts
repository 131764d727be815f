import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { GantryError, isKind, messageOf } from '../../base/errors.ts';
import { defaultSnapshotter } from '../../client/container/create.ts';
import { resolveImage } from '../../client/image/resolve.ts';
import type { ImageRecord } from '../../client/image/store.ts';
import { unpackImage } from '../../client/image/unpack.ts';
import { type ImportOptions, importImages } from '../../client/import/import.ts';
import { hostPlatform, type Platform, parsePlatform } from '../../image/platform.ts';
import { familiarReference } from '../../image/reference.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { Progress } from '../output/progress.ts';
import { oneLine } from '../output/text.ts';
import { formatSize } from '../output/units.ts';

export function defineImport(command: Command): void {
  command.argument('<file>', 'OCI layout or docker archive, also compressed; - for standard input');
  command.option('--name <reference>', 'name for the only image of the archive, instead of those in it');
  command.option('--base-name <name>', 'put before mere tags; images with other full names are left out');
  command.option('--digests', 'name images that have no name BASE@DIGEST');
  command.option('--index-name <reference>', 'keep the index of the archive under this name');
  command.option('--compress', 'compress plain layers of a docker archive');
  const collect = (text: string, all: string[]) => [...all, text];
  command.option('--platform <platform>', 'has to be complete, and is unpacked; repeatable', collect, []);
  command.option('--all-platforms', 'every platform has to be complete');
  act(command, importFile);
}

interface Options extends Pick<ImportOptions, 'name' | 'baseName' | 'indexName' | 'compress'> {
  readonly digests?: true;
  readonly platform: readonly string[];
  readonly allPlatforms?: true;
}

async function importFile(cli: Cli, options: Options, file: string): Promise<undefined> {
  const platforms = options.platform.map(parsePlatform);
  const wanted = platforms.length === 0 ? undefined : platforms;
  const images: ImageRecord[] = [];
  {
    using progress = new Progress(cli);
    const source = await openSource(file);
    const onBytes = (readBytes: number) => progress.show(`importing ${progressOf(readBytes, source.sizeBytes)}`);
    const { name, baseName, indexName, compress, allPlatforms } = options;
    const digests = options.digests ? 'unnamed' : undefined;
    const naming = { name, baseName, indexName, digests } as const;
    const importing = { ...naming, compress, platforms: allPlatforms ? 'all' : wanted, onBytes } as const;
    images.push(...(await importImages(cli.client, source.stream, importing)));
    for (const image of images) {
      for (const platform of wanted ?? [hostPlatform()]) await unpackFor(cli, image, { platform, progress });
    }
  }
  if (cli.json)
    printJson(images.map(({ name, target }) => ({ name, digest: target.digest, mediaType: target.mediaType })));
  else for (const { name } of images) process.stdout.write(`${oneLine(name)}\n`);
  return undefined;
}

async function openSource(file: string): Promise<{ stream: AsyncIterable<Uint8Array>; sizeBytes: number | undefined }> {
  if (file === '-') return { stream: process.stdin, sizeBytes: undefined };
  try {
    const { size, isDirectory } = await stat(file).then((info) => ({
      size: info.size,
      isDirectory: info.isDirectory(),
    }));
    if (isDirectory) throw new GantryError('invalid-argument', `${file}: is a directory; give a tar archive of it`);
    return { stream: createReadStream(file, { highWaterMark: 1024 * 1024 }), sizeBytes: size };
  } catch (error) {
    if (error instanceof GantryError) throw error;
    throw new GantryError('not-found', messageOf(error), { cause: error });
  }
}

/** So that the first run need not; an image that has nothing for the platform is imported all the same. */
async function unpackFor(
  cli: Cli,
  image: ImageRecord,
  { platform, progress }: { platform: Platform; progress: Progress },
): Promise<void> {
  try {
    const resolved = await resolveImage(cli.client, image.target, { platform });
    const onLayer = (layer: number, total: number) =>
      progress.show(`unpacking ${familiarReference(image.name)}: layer ${layer} of ${total}`, true);
    await unpackImage(cli.client, resolved, { snapshotter: defaultSnapshotter, onLayer });
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error;
    progress.clear();
    process.stderr.write(`gantry: not unpacked: ${oneLine(messageOf(error))}\n`);
  }
}

function progressOf(readBytes: number, sizeBytes: number | undefined): string {
  if (!sizeBytes) return formatSize(readBytes);
  return `${formatSize(readBytes)} of ${formatSize(sizeBytes)} (${Math.floor((100 * readBytes) / sizeBytes)} %)`;
}
