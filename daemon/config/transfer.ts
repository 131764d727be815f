import { isAbsolute } from 'node:path';
import { invalidArgument, messageOf } from '../../base/errors.ts';
import { hostPlatform, type Platform, parsePlatform } from '../../image/platform.ts';
import type { TomlReader } from './toml-reader.ts';

/** What moves images between registries, archives and the store. */
export interface TransferSettings {
  /** Layers of one image that are downloaded at once; 0 for no limit. */
  readonly maxConcurrentDownloads: number;
  /** Blobs that are uploaded at once, by all pushes together; 0 for no limit. */
  readonly maxConcurrentUploads: number;
  /** How long a registry may send nothing, or next to nothing, before it is asked anew. */
  readonly progressTimeoutMs: number;
  /** Unpacks only for the platforms of `unpacks`; otherwise for any of the same operating system. */
  readonly checkPlatformSupported: boolean;
  /** Directories with a `hosts.toml` per host; the first that has one for a host counts. */
  readonly hostsDirectories: readonly string[];
  /** What can be unpacked, and where to if the client leaves that open; undefined for every snapshotter there is. */
  readonly unpacks: readonly UnpackSetting[] | undefined;
}

export interface UnpackSetting {
  readonly platform: Platform;
  readonly snapshotter: string;
  /** A snapshotter that is not there is passed over, instead of keeping the daemon from starting. */
  readonly optional: boolean;
}

export function defaultTransferSettings(): TransferSettings {
  return {
    maxConcurrentDownloads: 3,
    maxConcurrentUploads: 3,
    progressTimeoutMs: 30_000,
    checkPlatformSupported: false,
    hostsDirectories: ['/etc/containerd/certs.d', '/etc/docker/certs.d'],
    unpacks: undefined,
  };
}

const plugin = (name: string) => `plugins."io.containerd.transfer.v1.local".${name}`;
/** The same, for what asks for images on behalf of Kubernetes. */
const criHosts = 'plugins."io.containerd.cri.v1.images".registry.config_path';

/** @throws GantryError invalid-argument that names the key */
export function transferSettings(toml: TomlReader): TransferSettings {
  const base = defaultTransferSettings();
  const hosts = [plugin('config_path'), criHosts].map((key) => hostsDirectories(key, toml.string(key, '')));
  return {
    maxConcurrentDownloads: toml.integer(plugin('max_concurrent_downloads'), base.maxConcurrentDownloads),
    maxConcurrentUploads: toml.integer(plugin('max_concurrent_uploaded_layers'), base.maxConcurrentUploads),
    progressTimeoutMs: toml.durationMs('gantry.image_pull_progress_timeout', base.progressTimeoutMs),
    checkPlatformSupported: toml.boolean(plugin('check_platform_supported'), base.checkPlatformSupported),
    hostsDirectories: hosts.find(({ length }) => length > 0) ?? base.hostsDirectories,
    unpacks: toml.list(plugin('unpack_config'))?.map(unpackSetting),
  };
}

function hostsDirectories(key: string, value: string): readonly string[] {
  const directories = value.split(':').filter((part) => part !== '');
  const relative = directories.find((directory) => !isAbsolute(directory));
  if (relative !== undefined) throw invalidArgument(`configuration: ${key}: "${relative}" must be an absolute path`);
  return directories;
}

function unpackSetting(toml: TomlReader): UnpackSetting {
  const snapshotter = toml.string('snapshotter', '');
  if (snapshotter === '') throw invalidArgument(`configuration: ${toml.nameOf('snapshotter')} must be the name of one`);
  const platform = platformOf(toml.nameOf('platform'), toml.string('platform', ''));
  return { platform, snapshotter, optional: toml.boolean('optional', false) };
}

function platformOf(key: string, text: string): Platform {
  if (text === '') return hostPlatform();
  try {
    return parsePlatform(text);
  } catch (error) {
    throw invalidArgument(`configuration: ${key}: ${messageOf(error)}`);
  }
}
