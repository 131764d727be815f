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
import { oneLine } from '../output/text.ts';
import { formatAge, formatSize } from '../output/units.ts';
import { parseImageFilters } from '../values/image-filter.ts';

interface ImagesOptions {
  readonly quiet?: boolean;
  readonly filter?: string[];
}

export function defineImages(command: Command): void {
  command
    .argument('[name]', 'only those of this repository, reference or pattern')
    .option('-q, --quiet', 'print only names')
    .option(
      '-f, --filter <filter>',
      "reference=PATTERN, label=KEY[=VALUE], or a filter of containerd's; all have to match; repeatable",
      (value, before: string[] | undefined) => [...(before ?? []), value],
    );
  act(command, printImages);
}

async function printImages(cli: Cli, { quiet, filter = [] }: ImagesOptions, name?: string): Promise<undefined> {
  const { matches, native } = parseImageFilters([...filter, ...(name === undefined ? [] : [`reference=${name}`])]);
  const records = (await listImages(cli.client, { filters: native })).filter(matches);
  records.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (quiet && !cli.json) {
    for (const record of records) process.stdout.write(`${oneLine(record.name)}\n`);
    return;
  }
  const images = await Promise.all(records.map((record) => describe(cli, record)));
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
