// Generated from the .proto files by `npm run proto`; do not edit.

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

export interface HugetlbStat {
  usage: number;
  max: number;
  failcnt: number;
  pagesize: string;
}

export interface PidsStat {
  current: number;
  limit: number;
}

export interface CPUStat {
  usage: CPUUsage | null;
  throttling: Throttle | null;
}

export interface CPUUsage {
  total: number;
  kernel: number;
  user: number;
  perCpu: number[];
}

export interface Throttle {
  periods: number;
  throttledPeriods: number;
  throttledTime: number;
}

export interface MemoryStat {
  cache: number;
  rss: number;
  rssHuge: number;
  mappedFile: number;
  dirty: number;
  writeback: number;
  pgPgIn: number;
  pgPgOut: number;
  pgFault: number;
  pgMajFault: number;
  inactiveAnon: number;
  activeAnon: number;
  inactiveFile: number;
  activeFile: number;
  unevictable: number;
  hierarchicalMemoryLimit: number;
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
  swap: MemoryEntry | null;
  kernel: MemoryEntry | null;
  kernelTcp: MemoryEntry | null;
}

export interface MemoryEntry {
  limit: number;
  usage: number;
  max: number;
  failcnt: number;
}

export interface MemoryOomControl {
  oomKillDisable: number;
  underOom: number;
  oomKill: number;
}

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

export interface BlkIOEntry {
  op: string;
  device: string;
  major: number;
  minor: number;
  value: number;
}

export interface RdmaStat {
  current: RdmaEntry[];
  limit: RdmaEntry[];
}

export interface RdmaEntry {
  device: string;
  hcaHandles: number;
  hcaObjects: number;
}

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

export interface CgroupStats {
  nrSleeping: number;
  nrRunning: number;
  nrStopped: number;
  nrUninterruptible: number;
  nrIoWait: number;
}
