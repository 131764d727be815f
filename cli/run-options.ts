import type { Command } from 'commander';
import { invalidArgument } from '../base/errors.ts';
import type { CreateOptions } from '../client/container/create.ts';
import type { ImageRecord } from '../client/image/store.ts';
import { parseEnv } from './values/env.ts';
import { parseMount, parseVolume } from './values/mount.ts';
import { parseCpus, parseSize } from './values/size.ts';

/** The options of `run`, as they are given. */
export interface RunOptions {
  readonly pull: string;
  readonly rm?: boolean;
  readonly detach?: boolean;
  readonly tty?: boolean;
  readonly interactive?: boolean;
  readonly name?: string;
  readonly env?: string[];
  readonly mount?: string[];
  readonly volume?: string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly readOnly?: boolean;
  readonly memory?: string;
  readonly cpus?: string;
  readonly hostname?: string;
  readonly net?: string;
  readonly logSize?: string;
  readonly logFiles?: string;
}

const repeatable = (value: string, before: string[] | undefined) => [...(before ?? []), value];

export function addRunOptions(command: Command): void {
  command
    .option('--pull <policy>', 'ask the registry for the image: always, missing or never', 'missing')
    .option('--rm', 'remove the container when it has ended')
    .option('-d, --detach', 'leave it running, its output going to a log')
    .option('--log-size <size>', 'with -d: rotate the log before a file gets larger', '16m')
    .option('--log-files <count>', 'with -d: keep so many files of the log, the newest included', '4')
    .option('-t, --tty', 'give it a terminal')
    .option('-i, --interactive', 'let it read our standard input')
    .option('--name <id>', 'id of the container, at random without it')
    .option('-e, --env <entry>', 'KEY=value, or KEY to take it from here; repeatable', repeatable)
    .option('--mount <mount>', 'type=bind,src=/host,dst=/in,options=rbind:ro; repeatable', repeatable)
    .option('-v, --volume <volume>', '/host:/in[:ro]; repeatable', repeatable)
    .option('-w, --workdir <path>', 'working directory')
    .option('-u, --user <user>', 'user[:group] by name or number')
    .option('--read-only', 'make its root file system read-only')
    .option('-m, --memory <size>', 'limit of memory, such as 512m')
    .option('--cpus <number>', "limit of processors' time, such as 0.5")
    .option('--hostname <name>', 'host name in the container')
    .option('--net <network>', 'none (an unconfigured network of its own) or host', 'none');
}

/** What the options mean for making a container. @throws GantryError invalid-argument or not-found, naming the value */
export function toCreateOptions(
  options: RunOptions,
  id: string,
  image: ImageRecord,
  args: readonly string[],
): CreateOptions {
  const { net = 'none' } = options;
  if (net !== 'none' && net !== 'host') throw invalidArgument(`network "${net}": must be none or host`);
  return {
    id,
    image,
    args,
    env: parseEnv(options.env ?? [], process.env),
    mounts: [...(options.mount ?? []).map(parseMount), ...(options.volume ?? []).map(parseVolume)],
    cwd: options.workdir,
    user: options.user,
    readonlyRootfs: options.readOnly,
    memoryBytes: options.memory === undefined ? undefined : parseSize(options.memory),
    cpus: options.cpus === undefined ? undefined : parseCpus(options.cpus),
    hostname: options.hostname,
    hostNetwork: net === 'host',
    terminal: options.tty,
    // Tests and scripts choose it as they do for containerd's own clients.
    snapshotter: process.env['CONTAINERD_SNAPSHOTTER'],
  };
}
