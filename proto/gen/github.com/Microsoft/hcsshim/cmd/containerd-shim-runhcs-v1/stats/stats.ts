// Generated from the .proto files by `npm run proto`; do not edit.

import type * as github_com_containerd_cgroups_v3_cgroup1_stats_metrics from '../../../../../containerd/cgroups/v3/cgroup1/stats/metrics.ts';
import type * as google_protobuf_timestamp from '../../../../../../google/protobuf/timestamp.ts';

/** Use of resources of a Windows host's container. */
export interface Statistics {
  /** At most one of the oneof `container` is set. */
  windows?: WindowsContainerStatistics | undefined;
  /** At most one of the oneof `container` is set. */
  linux?: github_com_containerd_cgroups_v3_cgroup1_stats_metrics.Metrics | undefined;
  /** Measured on the virtual machine around it; absent without one. */
  vm: VirtualMachineStatistics | null;
}

/** Use of resources of a Windows container. */
export interface WindowsContainerStatistics {
  timestamp: google_protobuf_timestamp.Timestamp | null;
  containerStartTime: google_protobuf_timestamp.Timestamp | null;
  /** Nanoseconds since its start. */
  uptimeNs: number;
  processor: WindowsContainerProcessorStatistics | null;
  memory: WindowsContainerMemoryStatistics | null;
  storage: WindowsContainerStorageStatistics | null;
}

/** Processor time in nanoseconds. */
export interface WindowsContainerProcessorStatistics {
  totalRuntimeNs: number;
  runtimeUserNs: number;
  runtimeKernelNs: number;
}

/** Memory in bytes. */
export interface WindowsContainerMemoryStatistics {
  memoryUsageCommitBytes: number;
  memoryUsageCommitPeakBytes: number;
  memoryUsagePrivateWorkingSetBytes: number;
}

/** Disk traffic since the start. */
export interface WindowsContainerStorageStatistics {
  /** Reads, long ones counted as several. */
  readCountNormalized: number;
  readSizeBytes: number;
  /** Writes, long ones counted as several. */
  writeCountNormalized: number;
  writeSizeBytes: number;
}

/** Use of resources of a virtual machine. */
export interface VirtualMachineStatistics {
  processor: VirtualMachineProcessorStatistics | null;
  memory: VirtualMachineMemoryStatistics | null;
}

/** Processor time in nanoseconds. */
export interface VirtualMachineProcessorStatistics {
  totalRuntimeNs: number;
}

/** Memory of a virtual machine. */
export interface VirtualMachineMemoryStatistics {
  workingSetBytes: number;
  /** Number of NUMA nodes. */
  virtualNodeCount: number;
  vmMemory: VirtualMachineMemory | null;
}

/** How the hypervisor shares memory out. */
export interface VirtualMachineMemory {
  availableMemory: number;
  availableMemoryBuffer: number;
  reservedMemory: number;
  assignedMemory: number;
  /** Paging on the host's side is in use. */
  slpActive: boolean;
  /** Memory may be moved between machines. */
  balancingEnabled: boolean;
  /** Memory is being moved right now. */
  dmOperationInProgress: boolean;
}
