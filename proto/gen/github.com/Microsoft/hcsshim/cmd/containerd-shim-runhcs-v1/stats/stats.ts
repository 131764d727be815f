// Generated from the .proto files by `npm run proto`; do not edit.

import type * as github_com_containerd_cgroups_v3_cgroup1_stats_metrics from '../../../../../containerd/cgroups/v3/cgroup1/stats/metrics.ts';
import type * as google_protobuf_timestamp from '../../../../../../google/protobuf/timestamp.ts';

export interface Statistics {
  /** At most one of the oneof `container` is set. */
  windows?: WindowsContainerStatistics | undefined;
  /** At most one of the oneof `container` is set. */
  linux?: github_com_containerd_cgroups_v3_cgroup1_stats_metrics.Metrics | undefined;
  vm: VirtualMachineStatistics | null;
}

export interface WindowsContainerStatistics {
  timestamp: google_protobuf_timestamp.Timestamp | null;
  containerStartTime: google_protobuf_timestamp.Timestamp | null;
  uptimeNs: number;
  processor: WindowsContainerProcessorStatistics | null;
  memory: WindowsContainerMemoryStatistics | null;
  storage: WindowsContainerStorageStatistics | null;
}

export interface WindowsContainerProcessorStatistics {
  totalRuntimeNs: number;
  runtimeUserNs: number;
  runtimeKernelNs: number;
}

export interface WindowsContainerMemoryStatistics {
  memoryUsageCommitBytes: number;
  memoryUsageCommitPeakBytes: number;
  memoryUsagePrivateWorkingSetBytes: number;
}

export interface WindowsContainerStorageStatistics {
  readCountNormalized: number;
  readSizeBytes: number;
  writeCountNormalized: number;
  writeSizeBytes: number;
}

export interface VirtualMachineStatistics {
  processor: VirtualMachineProcessorStatistics | null;
  memory: VirtualMachineMemoryStatistics | null;
}

export interface VirtualMachineProcessorStatistics {
  totalRuntimeNs: number;
}

export interface VirtualMachineMemoryStatistics {
  workingSetBytes: number;
  virtualNodeCount: number;
  vmMemory: VirtualMachineMemory | null;
}

export interface VirtualMachineMemory {
  availableMemory: number;
  availableMemoryBuffer: number;
  reservedMemory: number;
  assignedMemory: number;
  slpActive: boolean;
  balancingEnabled: boolean;
  dmOperationInProgress: boolean;
}
