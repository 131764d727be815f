import { isAbsolute } from 'node:path';
import { Command, Option } from 'commander';
import { invalidArgument } from '../base/errors.ts';
import { type LogLevel, logLevels } from '../base/logger.ts';
import { version } from './version.ts';

/** What `gantry-snapshotter` is told on its command line. */
export interface SnapshotterFlags {
  readonly driver: 'overlay' | 'copy';
  readonly root: string;
  readonly address: string;
  readonly logLevel: LogLevel;
  readonly mountOption: readonly string[];
  readonly upperdirLabel: boolean;
  readonly slowChown: boolean;
  readonly syncRemove: boolean;
}

/** @throws GantryError invalid-argument for paths that depend on where the process happens to run */
export function snapshotterFlags(): SnapshotterFlags {
  const flags = new Command('gantry-snapshotter')
    .description('serves snapshots to containerd or gantryd as a proxy plugin')
    .version(`gantry-snapshotter ${version}`, '-v, --version')
    .addOption(new Option('--driver <name>', 'how layers are stacked').choices(['overlay', 'copy']).default('overlay'))
    .option('--root <dir>', 'directory of the snapshots', '/var/lib/gantry-snapshotter')
    .option('-a, --address <socket>', 'path of the gRPC socket', '/run/gantry-snapshotter/gantry-snapshotter.sock')
    .addOption(new Option('-l, --log-level <level>', 'least severe that is logged').choices(logLevels).default('info'))
    .option('--mount-option <option>', 'of every overlay mount; may be given several times', collect, [])
    .option('--upperdir-label', 'tell where the files of a snapshot are', false)
    .option('--slow-chown', 'hand out snapshots with id mappings even where mounts cannot map ids', false)
    .option('--sync-remove', 'a removal waits until the files are deleted', false)
    .allowExcessArguments(false)
    .parse()
    .opts<SnapshotterFlags>();
  for (const name of ['root', 'address'] as const) {
    if (!isAbsolute(flags[name])) throw invalidArgument(`${name} "${flags[name]}" must be an absolute path`);
  }
  return flags;
}

const collect = (option: string, earlier: string[]) => [...earlier, option];
