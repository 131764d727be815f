// Generated from the .proto files by `npm run proto`; do not edit.

/** Use of resources of one cgroup; parts whose controller is missing are absent. */
export interface Metrics {
  hugetlb: HugetlbStat[];
  pids: PidsStat | null;
  cpu: CPUStat | null;
  memory: MemoryStat | null;
  blkio: BlkIOStat | null;
  rdma: RdmaStat | null;
  network: NetworkStat[];
  cgroupStats: CgroupStats | null;
  memoryOomControl: MemoryOomControl | null;
}

/** Huge pages of one size. */
export interface HugetlbStat {
  /** Bytes. */
  usage: number;
  /** Most bytes ever. */
  max: number;
  /** Times the limit was hit. */
  failcnt: number;
  /** Such as 2MB. */
  pagesize: string;
}

/** Number of processes and threads. */
export interface PidsStat {
  current: number;
  /** Most allowed; 0 means no limit. */
  limit: number;
}

/** Processor use. */
export interface CPUStat {
  usage: CPUUsage | null;
  throttling: Throttle | null;
}

/** Processor time in nanoseconds. */
export interface CPUUsage {
  total: number;
  kernel: number;
  user: number;
  /** One entry per processor. */
  perCpu: number[];
}

/** Effect of a processor limit. */
export interface Throttle {
  /** Periods in which the cgroup ran. */
  periods: number;
  /** Those in which it was held back. */
  throttledPeriods: number;
  /** Nanoseconds it was held back. */
  throttledTime: number;
}

/** Memory in bytes, events in numbers; total_ fields include the cgroups below. */
export interface MemoryStat {
  cache: number;
  /** Anonymous memory, without tmpfs. */
  rss: number;
  rssHuge: number;
  mappedFile: number;
  dirty: number;
  writeback: number;
  /** Pages charged. */
  pgPgIn: number;
  /** Pages uncharged. */
  pgPgOut: number;
  /** Page faults. */
  pgFault: number;
  /** Page faults that read from disk. */
  pgMajFault: number;
  inactiveAnon: number;
  activeAnon: number;
  inactiveFile: number;
  activeFile: number;
  unevictable: number;
  /** Lowest limit of this cgroup and those above. */
  hierarchicalMemoryLimit: number;
  /** The same for memory and swap together. */
  hierarchicalSwapLimit: number;
  totalCache: number;
  totalRss: number;
  totalRssHuge: number;
  totalMappedFile: number;
  totalDirty: number;
  totalWriteback: number;
  totalPgPgIn: number;
  totalPgPgOut: number;
  totalPgFault: number;
  totalPgMajFault: number;
  totalInactiveAnon: number;
  totalActiveAnon: number;
  totalInactiveFile: number;
  totalActiveFile: number;
  totalUnevictable: number;
  usage: MemoryEntry | null;
  /** Memory and swap together. */
  swap: MemoryEntry | null;
  kernel: MemoryEntry | null;
  /** Buffers of TCP connections. */
  kernelTcp: MemoryEntry | null;
}

/** One kind of memory, in bytes. */
export interface MemoryEntry {
  limit: number;
  usage: number;
  /** Most ever used. */
  max: number;
  /** Times the limit was hit. */
  failcnt: number;
}

/** What happens when memory runs out. */
export interface MemoryOomControl {
  /** 1 when processes wait instead of being killed. */
  oomKillDisable: number;
  /** 1 while they wait. */
  underOom: number;
  /** Processes killed so far. */
  oomKill: number;
}

/** Disk traffic, one entry per device and kind of operation, with the cgroups below. */
export interface BlkIOStat {
  ioServiceBytesRecursive: BlkIOEntry[];
  ioServicedRecursive: BlkIOEntry[];
  ioQueuedRecursive: BlkIOEntry[];
  ioServiceTimeRecursive: BlkIOEntry[];
  ioWaitTimeRecursive: BlkIOEntry[];
  ioMergedRecursive: BlkIOEntry[];
  ioTimeRecursive: BlkIOEntry[];
  sectorsRecursive: BlkIOEntry[];
}

/** One number. */
export interface BlkIOEntry {
  /** Such as Read or Write; empty where the number is not split. */
  op: string;
  /** Device path; may be empty. */
  device: string;
  major: number;
  minor: number;
  value: number;
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

/** Number of tasks by state. */
export interface CgroupStats {
  nrSleeping: number;
  nrRunning: number;
  nrStopped: number;
  nrUninterruptible: number;
  nrIoWait: number;
}
