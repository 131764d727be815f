// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../../../../google/protobuf/timestamp.ts';

export interface Options {
  debug: boolean;
  debugType: Options_DebugType;
  registryRoot: string;
  sandboxImage: string;
  sandboxPlatform: string;
  sandboxIsolation: Options_SandboxIsolation;
  bootFilesRootPath: string;
  vmProcessorCount: number;
  vmMemorySizeInMb: number;
  GPUVHDPath: string;
  scaleCpuLimitsToSandbox: boolean;
  defaultContainerScratchSizeInGb: number;
  defaultVmScratchSizeInGb: number;
  shareScratch: boolean;
  NCProxyAddr: string;
  logLevel: string;
  ioRetryTimeoutInSec: number;
  defaultContainerAnnotations: Record<string, string>;
  noInheritHostTimezone: boolean;
  scrubLogs?: boolean | undefined;
}

export type Options_DebugType =
  | 'NPIPE'
  | 'FILE'
  | 'ETW';

export type Options_SandboxIsolation =
  | 'PROCESS'
  | 'HYPERVISOR';

export interface ProcessDetails {
  imageName: string;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  kernelTime_100Ns: number;
  memoryCommitBytes: number;
  memoryWorkingSetPrivateBytes: number;
  memoryWorkingSetSharedBytes: number;
  processId: number;
  userTime_100Ns: number;
  execId: string;
}
