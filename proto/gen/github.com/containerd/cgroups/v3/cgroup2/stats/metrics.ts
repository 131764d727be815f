// Generated from the .proto files by `npm run proto`; do not edit.

/** Use of resources of one cgroup; parts whose controller is missing are absent. */
export interface Metrics {
  pids: PidsStat | null;
  cpu: CPUStat | null;
  memory: MemoryStat | null;
  rdma: RdmaStat | null;
  io: IOStat | null;
  hugetlb: HugeTlbStat[];
  memoryEvents: MemoryEvents | null;
  network: NetworkStat[];
}

/** Share of time in which tasks waited. */
export interface PSIData {
  /** Percent over the last 10 s. */
  avg10: number;
  /** Percent over the last 60 s. */
  avg60: number;
  /** Percent over the last 300 s. */
  avg300: number;
  /** Microseconds in all. */
  total: number;
}

/** Waiting for one kind of resource. */
export interface PSIStats {
  /** At least one task waited. */
  some: PSIData | null;
  /** All tasks waited. */
  full: PSIData | null;
}

/** Number of processes and threads. */
export interface PidsStat {
  current: number;
  /** Most allowed. */
  limit: number;
}

/** Processor use; times in microseconds. */
export interface CPUStat {
  usageUsec: number;
  userUsec: number;
  systemUsec: number;
  /** Periods in which the cgroup ran, with a limit set. */
  nrPeriods: number;
  /** Those in which it was held back. */
  nrThrottled: number;
  throttledUsec: number;
  psi: PSIStats | null;
  /** Periods in which it used saved-up time. */
  nrBursts: number;
  burstUsec: number;
}

/** Memory in bytes; pg and workingset fields count events. */
export interface MemoryStat {
  /** Anonymous memory, with tmpfs not included. */
  anon: number;
  /** Page cache, with tmpfs included. */
  file: number;
  kernelStack: number;
  slab: number;
  sock: number;
  shmem: number;
  fileMapped: number;
  fileDirty: number;
  fileWriteback: number;
  anonThp: number;
  inactiveAnon: number;
  activeAnon: number;
  inactiveFile: number;
  activeFile: number;
  unevictable: number;
  slabReclaimable: number;
  slabUnreclaimable: number;
  pgfault: number;
  pgmajfault: number;
  workingsetRefault: number;
  workingsetActivate: number;
  workingsetNodereclaim: number;
  pgrefill: number;
  pgscan: number;
  pgsteal: number;
  pgactivate: number;
  pgdeactivate: number;
  pglazyfree: number;
  pglazyfreed: number;
  thpFaultAlloc: number;
  thpCollapseAlloc: number;
  /** All memory in use. */
  usage: number;
  /** Most allowed. */
  usageLimit: number;
  /** Swap in use. */
  swapUsage: number;
  /** Most swap allowed. */
  swapLimit: number;
  /** Most memory ever used; 0 where the kernel does not tell. */
  maxUsage: number;
  /** Most swap ever used; 0 where the kernel does not tell. */
  swapMaxUsage: number;
  psi: PSIStats | null;
}

/** How often memory ran short. */
export interface MemoryEvents {
  /** Reclaimed although below the low mark. */
  low: number;
  /** Slowed down above the high mark. */
  high: number;
  /** Stopped at the limit. */
  max: number;
  /** Allocations that failed at the limit. */
  oom: number;
  /** Processes killed. */
  oomKill: number;
  /** Times the whole group was killed. */
  oomGroupKill: number;
}

/** RDMA resources per device. */
export interface RdmaStat {
  current: RdmaEntry[];
  limit: RdmaEntry[];
}

/** RDMA resources of one device. */
export interface RdmaEntry {
  device: string;
  hcaHandles: number;
  hcaObjects: number;
}

/** Disk traffic. */
export interface IOStat {
  usage: IOEntry[];
  psi: PSIStats | null;
}

/** Disk traffic of one device. */
export interface IOEntry {
  major: number;
  minor: number;
  /** Bytes read. */
  rbytes: number;
  /** Bytes written. */
  wbytes: number;
  /** Reads. */
  rios: number;
  /** Writes. */
  wios: number;
}

/** Huge pages of one size. */
export interface HugeTlbStat {
  /** Bytes. */
  current: number;
  /** Most bytes allowed. */
  max: number;
  /** Such as 2MB. */
  pagesize: string;
  /** Times the limit was hit. */
  failcnt: number;
}

/** Traffic of one network interface. */
export interface NetworkStat {
  name: string;
  rxBytes: number;
  rxPackets: number;
  rxErrors: number;
  rxDropped: number;
  txBytes: number;
  txPackets: number;
  txErrors: number;
  txDropped: number;
}
