import type { Command } from 'commander';
import { chainIds } from '../../base/digest.ts';
import { isKind } from '../../base/errors.ts';
import { defaultSnapshotter } from '../../client/container/create.ts';
import { readDocument } from '../../client/content/read.ts';
import { type ResolvedImage, resolveImage } from '../../client/image/resolve.ts';
import { findImage } from '../../client/image/store.ts';
import { type HistoryEntry, parseHistory } from '../../image/history.ts';
import { parsePlatform } from '../../image/platform.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { oneLine } from '../output/text.ts';
import { formatAge, formatSize } from '../output/units.ts';

const commandMaxLength = 60;

interface Options {
  readonly platform?: string;
  readonly snapshotter: string;
  readonly trunc: boolean;
  readonly quiet?: boolean;
}

/** A step with its layer, if it has one. */
interface Step extends HistoryEntry {
  readonly digest?: string;
  readonly blobBytes?: number;
  /** Undefined where the layer is not unpacked. */
  readonly unpackedBytes?: number | undefined;
}

export function defineHistory(command: Command): void {
  command
    .argument('<image>', 'an image of the store')
    .option('--platform <platform>', 'os/architecture[/variant] instead of that of this machine')
    .option('--snapshotter <name>', 'where it is unpacked', process.env['CONTAINERD_SNAPSHOTTER'] ?? defaultSnapshotter)
    .option('--no-trunc', 'show commands whole')
    .option('-q, --quiet', 'print only the digests of layers');
  act(command, printHistory);
}

async function printHistory(cli: Cli, options: Options, reference: string): Promise<undefined> {
  const { target } = await findImage(cli.client, reference);
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const image = await resolveImage(cli.client, target, { ...(platform && { platform }) });
  const entries = parseHistory(await readDocument(cli.client, image.configDigest));
  // The newest first, as docker has it.
  const steps = (await withLayers(cli, image, entries, options.snapshotter)).reverse();
  if (cli.json) printJson(steps);
  else if (options.quiet) {
    for (const { digest } of steps) if (digest !== undefined) process.stdout.write(`${digest}\n`);
  } else {
    const rows = steps.map((step) => toCells(step, options.trunc));
    process.stdout.write(formatTable(['LAYER', 'CREATED', 'CREATED BY', 'SIZE', 'BLOB SIZE', 'COMMENT'], rows));
  }
  return undefined;
}

/** Layers that the history does not tell of come last. */
async function withLayers(
  cli: Cli,
  image: ResolvedImage,
  entries: readonly HistoryEntry[],
  snapshotter: string,
): Promise<Step[]> {
  const chain = chainIds(image.config.diffIds);
  const unpacked = await Promise.all(chain.map((chainId) => unpackedBytes(cli, snapshotter, chainId)));
  const layers = image.layers.map(({ digest, size }, position) => ({
    digest,
    blobBytes: size,
    unpackedBytes: unpacked[position],
  }));
  const steps = entries.map((entry) => (entry.emptyLayer ? entry : { ...entry, ...layers.shift() }));
  const untold = { created: '', createdBy: '', author: '', comment: '', emptyLayer: false };
  return [...steps, ...layers.map((layer) => ({ ...untold, ...layer }))];
}

async function unpackedBytes(cli: Cli, snapshotter: string, key: string): Promise<number | undefined> {
  try {
    return (await cli.client.service('containerd.services.snapshots.v1.Snapshots').Usage({ snapshotter, key })).size;
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

function toCells(step: Step, isTruncated: boolean): string[] {
  const { created, createdBy, comment, digest, blobBytes, unpackedBytes: size } = step;
  const date = new Date(created);
  const command = oneLine(createdBy);
  const short =
    isTruncated && command.length > commandMaxLength ? `${command.slice(0, commandMaxLength - 1)}…` : command;
  return [
    digest === undefined ? '' : digest.replace(/^.*:/, '').slice(0, 12),
    Number.isNaN(date.getTime()) ? '' : formatAge(date),
    short,
    size === undefined ? '' : formatSize(size),
    blobBytes === undefined ? '' : formatSize(blobBytes),
    comment,
  ];
}
