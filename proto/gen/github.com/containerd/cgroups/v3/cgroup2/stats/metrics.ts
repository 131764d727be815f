// Generated from the .proto files by `npm run proto`; do not edit.

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

export interface PSIData {
  avg10: number;
  avg60: number;
  avg300: number;
  total: number;
}

export interface PSIStats {
  some: PSIData | null;
  full: PSIData | null;
}

export interface PidsStat {
  current: number;
  limit: number;
}

export interface CPUStat {
  usageUsec: number;
  userUsec: number;
  systemUsec: number;
  nrPeriods: number;
  nrThrottled: number;
  throttledUsec: number;
  psi: PSIStats | null;
  nrBursts: number;
  burstUsec: number;
}

export interface MemoryStat {
  anon: number;
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
  usage: number;
  usageLimit: number;
  swapUsage: number;
  swapLimit: number;
  maxUsage: number;
  swapMaxUsage: number;
  psi: PSIStats | null;
}

export interface MemoryEvents {
  low: number;
  high: number;
  max: number;
  oom: number;
  oomKill: number;
  oomGroupKill: number;
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

export interface IOStat {
  usage: IOEntry[];
  psi: PSIStats | null;
}

export interface IOEntry {
  major: number;
  minor: number;
  rbytes: number;
  wbytes: number;
  rios: number;
  wios: number;
}

export interface HugeTlbStat {
  current: number;
  max: number;
  pagesize: string;
  failcnt: number;
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
