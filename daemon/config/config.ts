import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLayerLimits, type LayerLimits } from '../../base/layer-limits.ts';
import type { LogLevel } from '../../base/logger.ts';

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
    runtimes: { 'io.containerd.runc.v2': shim, 'io.containerd.gantry.v1': shim },
    streamProcessors: [],
  };
}
