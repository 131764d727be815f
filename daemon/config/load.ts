import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { invalidArgument, messageOf } from '../../base/errors.ts';
import type { LayerLimits } from '../../base/layer-limits.ts';
import { type LogLevel, logLevels } from '../../base/logger.ts';
import { type Config, defaultConfig } from './config.ts';
import { proxySettings } from './proxies.ts';
import { snapshotterSettings } from './snapshotters.ts';
import { TomlReader } from './toml-reader.ts';
import { transferSettings } from './transfer.ts';

/** What the command line may say; it wins over the file. */
export interface Flags {
  readonly config?: string | undefined;
  readonly root?: string | undefined;
  readonly state?: string | undefined;
  readonly address?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** Where containerd's drop-in replacement looks when `--config` is not given; it need not exist. */
const defaultConfigPath = '/etc/gantry/config.toml';

/** Longest socket path: the kernel's 108 bytes less the closing NUL and a margin that containerd also keeps. */
const socketPathMaxBytes = 104;

export interface LoadedConfig {
  readonly config: Config;
  /** Keys of the file that Gantry does not know or does not use, to be warned about by name. */
  readonly ignoredKeys: readonly string[];
}

/**
 * Reads the configuration: defaults, then the TOML file (containerd's keys where they mean the same), then the flags.
 * @throws GantryError invalid-argument that names the file and the key
 */
export async function loadConfig(flags: Flags): Promise<LoadedConfig> {
  const path = flags.config ?? defaultConfigPath;
  const reader = new TomlReader(await readToml(path, flags.config !== undefined), path);
  const config = merge(reader, flags);
  for (const [name, address] of [
    ['grpc', config.grpc.address],
    ['ttrpc', config.ttrpc.address],
  ] as const) {
    if (Buffer.byteLength(address) > socketPathMaxBytes) {
      throw invalidArgument(`${name} address "${address}" is longer than ${socketPathMaxBytes} bytes`);
    }
  }
  return { config, ignoredKeys: reader.unread() };
}

function merge(toml: TomlReader, flags: Flags): Config {
  const base = defaultConfig();
  // Only the layout of containerd's plugin sections changed between these versions, and Gantry's own sections did not.
  toml.integer('version', 2, 2, 4);
  const state = absolute('state', flags.state ?? toml.string('state', base.state));
  const address = absolute('address', flags.address ?? toml.string('grpc.address', `${state}/gantry.sock`));
  const uid = toml.integer('grpc.uid', base.grpc.uid);
  const gid = toml.integer('grpc.gid', base.grpc.gid);
  const ttrpcAddress = toml.string('ttrpc.address', '');
  return {
    root: absolute('root', flags.root ?? toml.string('root', base.root)),
    state,
    grpc: {
      address,
      uid,
      gid,
      maxReceiveMessageBytes: toml.integer('grpc.max_recv_message_size', 0) || base.grpc.maxReceiveMessageBytes,
      maxSendMessageBytes: toml.integer('grpc.max_send_message_size', 0) || base.grpc.maxSendMessageBytes,
    },
    ttrpc: {
      address: absolute('ttrpc.address', ttrpcAddress === '' ? `${address}.ttrpc` : ttrpcAddress),
      uid: toml.integer('ttrpc.uid', uid),
      gid: toml.integer('ttrpc.gid', gid),
    },
    logLevel: logLevel(flags.logLevel ?? toml.string('debug.level', base.logLevel)),
    gc: gcSettings(toml, base.gc),
    layers: layerLimits(toml, base.layers),
    adoptContainers: toml.boolean('gantry.adopt_containers', base.adoptContainers),
    snapshotters: snapshotterSettings(toml),
    ...proxySettings(toml, base.differs),
    restart: { intervalMs: restartInterval(toml) || base.restart.intervalMs },
    transfer: transferSettings(toml),
    runtimes: { ...base.runtimes, ...toml.strings('gantry.runtimes') },
    streamProcessors: streamProcessors(toml),
  };
}

function streamProcessors(toml: TomlReader): Config['streamProcessors'] {
  return toml.tables('stream_processors').map((id) => {
    const key = (name: string) => `stream_processors."${id}".${name}`;
    return {
      id,
      accepts: toml.stringList(key('accepts')),
      returns: toml.string(key('returns'), ''),
      path: toml.string(key('path'), ''),
      args: toml.stringList(key('args')),
      env: toml.stringList(key('env')),
    };
  });
}

/** The plugin's name in containerd 2, else the one before. */
function restartInterval(toml: TomlReader): number {
  const names = ['monitor.container.v1.restart', 'internal.v1.restart'];
  const intervals = names.map((name) => toml.durationMs(`plugins."io.containerd.${name}".interval`, 0));
  return intervals.find((interval) => interval > 0) ?? 0;
}

function gcSettings(toml: TomlReader, base: Config['gc']): Config['gc'] {
  const key = (name: string) => `plugins."io.containerd.gc.v1.scheduler".${name}`;
  return {
    // Above one half containerd takes one half; below nought it takes nought.
    pauseThreshold: Math.min(Math.max(toml.number(key('pause_threshold'), base.pauseThreshold, -1e9, 1e9), 0), 0.5),
    deletionThreshold: toml.integer(key('deletion_threshold'), base.deletionThreshold),
    mutationThreshold: toml.integer(key('mutation_threshold'), base.mutationThreshold),
    scheduleDelayMs: toml.durationMs(key('schedule_delay'), base.scheduleDelayMs),
    startupDelayMs: toml.durationMs(key('startup_delay'), base.startupDelayMs),
  };
}

function layerLimits(toml: TomlReader, base: LayerLimits): LayerLimits {
  const limit = (name: string, fallback: number) =>
    toml.integer(`gantry.layers.${name}`, fallback, 1, Number.MAX_SAFE_INTEGER);
  return {
    maxEntries: limit('max_entries', base.maxEntries),
    maxNameBytes: limit('max_name_length', base.maxNameBytes),
    maxSizeBytes: limit('max_size', base.maxSizeBytes),
    maxRatio: limit('max_ratio', base.maxRatio),
  };
}

async function readToml(path: string, required: boolean): Promise<Record<string, unknown>> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    const where = error instanceof TomlError ? ` line ${error.line}, column ${error.column}` : '';
    throw invalidArgument(`configuration ${path}${where}: ${messageOf(error).split('\n')[0]}`);
  }
}

function absolute(name: string, path: string): string {
  const bare = path.replace(/^unix:\/\//, '');
  if (!isAbsolute(bare)) throw invalidArgument(`${name} "${path}" must be an absolute path`);
  return bare;
}

function logLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level === undefined) throw invalidArgument(`log level "${text}" is not one of ${logLevels.join(', ')}`);
  return level;
}
