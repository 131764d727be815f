import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GantryError, invalidArgument, isKind, messageOf } from '../base/errors.ts';
import { defaultSnapshotter } from '../client/container/create.ts';
import { resolveImage } from '../client/image/resolve.ts';
import type { ImageRecord } from '../client/image/store.ts';
import { unpackImage } from '../client/image/unpack.ts';
import { type ImportOptions, importImages } from '../client/import/import.ts';
import { hostPlatform, type Platform } from '../image/platform.ts';
import { familiarReference } from '../image/reference.ts';
import type { Cli } from './action.ts';
import { printJson } from './output/print.ts';
import { Progress } from './output/progress.ts';
import { oneLine } from './output/text.ts';
import { formatSize } from './output/units.ts';

export interface ImportArchiveOptions extends ImportOptions {
  /** False to leave the layers packed. */
  readonly unpack?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** Imports an archive (`-`: standard input), unpacks its images for the platforms that are wanted, and prints their names. */
export async function importArchiveFile(
  cli: Cli,
  file: string,
  { unpack = true, quiet = false, ...options }: ImportArchiveOptions,
): Promise<undefined> {
  const images: ImageRecord[] = [];
  {
    using progress = new Progress({ json: cli.json || quiet });
    const source = await openSource(file);
    const onBytes = (readBytes: number) => progress.show(`importing ${progressOf(readBytes, source.sizeBytes)}`);
    images.push(...(await importImages(cli.client, source.stream, { ...options, onBytes })));
    const { platforms = [hostPlatform()] } = options;
    for (const image of unpack ? images : []) {
      for (const platform of platforms === 'all' ? [hostPlatform()] : platforms) {
        await unpackFor(cli, image, { platform, progress });
      }
    }
  }
  if (cli.json)
    printJson(images.map(({ name, target }) => ({ name, digest: target.digest, mediaType: target.mediaType })));
  else for (const { name } of images) process.stdout.write(`${oneLine(name)}\n`);
  return undefined;
}

async function openSource(file: string): Promise<{ stream: AsyncIterable<Uint8Array>; sizeBytes: number | undefined }> {
  if (file === '-') {
    if (process.stdin.isTTY) throw invalidArgument('standard input is a terminal: name a file, or pipe an archive in');
    return { stream: process.stdin, sizeBytes: undefined };
  }
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
