// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../../../../google/protobuf/timestamp.ts';

/** How the Windows shim runs containers. */
export interface Options {
  /** Log more. */
  debug: boolean;
  /** Where the log goes. */
  debugType: Options_DebugType;
  /** Registry key with further settings. */
  registryRoot: string;
  /** Image of the pod's first container. */
  sandboxImage: string;
  /** Platform of that image, such as windows/amd64. */
  sandboxPlatform: string;
  /** How containers are kept apart. */
  sandboxIsolation: Options_SandboxIsolation;
  /** Directory with kernel and initial RAM disk of Linux virtual machines. */
  bootFilesRootPath: string;
  /** Processors of the virtual machine; 0 for the default. */
  vmProcessorCount: number;
  /** Memory of the virtual machine in MiB; 0 for the default. */
  vmMemorySizeInMb: number;
  /** Disk image with graphics drivers. */
  GPUVHDPath: string;
  /** Read processor limits relative to the virtual machine. */
  scaleCpuLimitsToSandbox: boolean;
  /** Size of a container's writable disk in GiB; 0 for the default. */
  defaultContainerScratchSizeInGb: number;
  /** Size of the virtual machine's writable disk in GiB; 0 for the default. */
  defaultVmScratchSizeInGb: number;
  /** Let containers of a pod share one writable disk. */
  shareScratch: boolean;
  /** Address of the network proxy. */
  NCProxyAddr: string;
  /** Such as info or debug; empty for the default. */
  logLevel: string;
  /** Seconds during which broken stdio is reconnected; 0 not at all. */
  ioRetryTimeoutInSec: number;
  /** Annotations added to every container. */
  defaultContainerAnnotations: Record<string, string>;
  /** Use UTC instead of the host's time zone. */
  noInheritHostTimezone: boolean;
  /** Keep personal data out of logs. */
  scrubLogs?: boolean | undefined;
}

/**
 * Where a log goes.
 * - `NPIPE`: Named pipe.
 * - `FILE`: File.
 * - `ETW`: Event tracing.
 */
export type Options_DebugType =
  | 'NPIPE'
  | 'FILE'
  | 'ETW';

/**
 * How containers are kept apart.
 * - `PROCESS`: They share the host's kernel.
 * - `HYPERVISOR`: Each pod has a virtual machine.
 */
export type Options_SandboxIsolation =
  | 'PROCESS'
  | 'HYPERVISOR';

/** Note on a process in a list of pids. */
export interface ProcessDetails {
  /** Name of its program. */
  imageName: string;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Time in the kernel, in units of 100 ns. */
  kernelTime_100Ns: number;
  memoryCommitBytes: number;
  memoryWorkingSetPrivateBytes: number;
  memoryWorkingSetSharedBytes: number;
  processId: number;
  /** Time outside the kernel, in units of 100 ns. */
  userTime_100Ns: number;
  /** Id under which it was made by Exec. */
  execId: string;
}
