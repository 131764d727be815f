import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLayerLimits, type LayerLimits } from '../../base/layer-limits.ts';
import type { LogLevel } from '../../base/logger.ts';
import { defaultTransferSettings, type TransferSettings } from './transfer.ts';

/** Everything that can be set, with every default filled in. */
export interface Config {
  /** Directory of what must outlive a reboot: metadata, content, snapshots. */
  readonly root: string;
  /** Directory of what need not: bundles, shim sockets, runc's state. */
  readonly state: string;
  readonly grpc: {
    /** Path of the main socket. */
    readonly address: string;
    /** Owner of the socket; its mode is always 0660. */
    readonly uid: number;
    readonly gid: number;
    readonly maxReceiveMessageBytes: number;
    readonly maxSendMessageBytes: number;
  };
  readonly ttrpc: { readonly address: string; readonly uid: number; readonly gid: number };
  readonly logLevel: LogLevel;
  /** When garbage is collected; see `daemon/gc/scheduler.ts`. */
  readonly gc: {
    readonly pauseThreshold: number;
    readonly deletionThreshold: number;
    readonly mutationThreshold: number;
    readonly scheduleDelayMs: number;
    readonly startupDelayMs: number;
  };
  /** What a layer may cost before unpacking it is given up. */
  readonly layers: LayerLimits;
  /** Whether another shim takes over a container whose own was killed; otherwise it is killed and cleaned up after. */
  readonly adoptContainers: boolean;
  readonly snapshotters: SnapshotterSettings;
  /** Parts of the daemon that run as processes of their own, by name; one of type content replaces the daemon's own. */
  readonly proxies: readonly ProxyPlugin[];
  /** Names of differs, in the order in which they are asked; `walking` is the daemon's own. */
  readonly differs: readonly string[];
  /** How often tasks are compared with the restart labels of their containers. */
  readonly restart: { readonly intervalMs: number };
  readonly transfer: TransferSettings;
  /** Runtime name to shim binary. Names that are not here are looked up by containerd's rule. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** Programs that layers of media types of their own go through before they are unpacked. */
  readonly streamProcessors: readonly {
    readonly id: string;
    readonly accepts: readonly string[];
    readonly returns: string;
    readonly path: string;
    readonly args: readonly string[];
    readonly env: readonly string[];
  }[];
}

export interface SnapshotterSettings {
  readonly overlayfs: {
    /** Its directory; '' for the one below the root. */
    readonly root: string;
    readonly mountOptions: readonly string[];
    readonly upperDirectoryLabel: boolean;
    readonly syncRemove: boolean;
    readonly slowChown: boolean;
  };
  readonly native: { readonly root: string };
}

export type ProxyPluginType = 'snapshot' | 'diff' | 'content';

/** A part of the daemon in a process of its own. */
export interface ProxyPlugin {
  readonly name: string;
  readonly type: ProxyPluginType;
  /** Path of its socket. */
  readonly address: string;
  /** As `linux/amd64`; '' for that of this machine. */
  readonly platform: string;
  /** What clients are told of it, such as its `root`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
}

/** 16 MiB, the limit containerd's clients expect in both directions. */
const maxMessageBytes = 16 << 20;

/** The directory that holds the built parts, whether this file runs from source or from a bundle in it. */
export function buildDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith('/build') ? here : join(here, '..', '..', 'build');
}

/** What applies where neither the file nor the command line says otherwise. */
export function defaultConfig(): Config {
  const shim = join(buildDirectory(), 'containerd-shim-gantry-v1');
  return {
    root: '/var/lib/gantry',
    state: '/run/gantry',
    grpc: {
      address: '/run/gantry/gantry.sock',
      uid: 0,
      gid: 0,
      maxReceiveMessageBytes: maxMessageBytes,
      maxSendMessageBytes: maxMessageBytes,
    },
    ttrpc: { address: '/run/gantry/gantry.sock.ttrpc', uid: 0, gid: 0 },
    logLevel: 'info',
    gc: {
      pauseThreshold: 0.02,
      deletionThreshold: 0,
      mutationThreshold: 100,
      scheduleDelayMs: 0,
      startupDelayMs: 100,
    },
    layers: defaultLayerLimits,
    adoptContainers: true,
    snapshotters: {
      overlayfs: { root: '', mountOptions: [], upperDirectoryLabel: false, syncRemove: false, slowChown: false },
      native: { root: '' },
    },
    proxies: [],
    differs: ['walking'],
    restart: { intervalMs: 10_000 },
    transfer: defaultTransferSettings(),
    runtimes: { 'io.containerd.runc.v2': shim, 'io.containerd.gantry.v1': shim },
    streamProcessors: [],
  };
}
