import type { Command } from 'commander';
import { isKind } from '../../base/errors.ts';
import { resolveImage } from '../../client/image/resolve.ts';
import { type ImageRecord, listImages } from '../../client/image/store.ts';
import { formatPlatform } from '../../image/platform.ts';
import { familiarReference } from '../../image/reference.ts';
import { dateFromTimestamp, rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { formatAge, formatSize } from '../output/units.ts';

export function defineImages(command: Command): void {
  act(command, printImages);
}

async function printImages(cli: Cli): Promise<undefined> {
  const images = await Promise.all((await listImages(cli.client)).map((image) => describe(cli, image)));
  images.sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  if (cli.json) {
    printJson(images.map(toJson));
    return;
  }
  const rows = images.map(({ record, platform, sizeBytes }) => [
    familiarReference(record.name),
    record.target.digest,
    platform ?? '',
    sizeBytes === undefined ? '' : formatSize(sizeBytes),
    record.createdAt === null ? '' : formatAge(dateFromTimestamp(record.createdAt)),
  ]);
  process.stdout.write(formatTable(['IMAGE', 'DIGEST', 'PLATFORM', 'SIZE', 'CREATED'], rows));
}

interface Description {
  readonly record: ImageRecord;
  /** Both undefined when the image has nothing for this machine or parts of it are missing. */
  readonly platform?: string;
  readonly sizeBytes?: number;
}

/** An image out of order is listed all the same: the list is where one finds out. */
async function describe(cli: Cli, record: ImageRecord): Promise<Description> {
  try {
    const { config, sizeBytes } = await resolveImage(cli.client, record.target);
    return { record, platform: formatPlatform(config.platform), sizeBytes };
  } catch (error) {
    if (isKind(error, 'unavailable') || isKind(error, 'canceled')) throw error;
    return { record };
  }
}

function toJson({ record, platform, sizeBytes }: Description): object {
  const { name, target, labels, createdAt } = record;
  return {
    name,
    digest: target.digest,
    mediaType: target.mediaType,
    platform: platform ?? null,
    sizeBytes: sizeBytes ?? null,
    createdAt: createdAt === null ? null : rfc3339FromTimestamp(createdAt),
    labels,
  };
}
