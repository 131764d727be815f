// Generated from the .proto files by `npm run proto`; do not edit.

/** Transport of a port. */
export type Protocol =
  | 'TCP'
  | 'UDP'
  | 'SCTP';

/**
 * Whether mounts made on one side appear on the other.
 * - `PROPAGATION_PRIVATE`: Neither way.
 * - `PROPAGATION_HOST_TO_CONTAINER`: Mounts of the host appear in the container.
 * - `PROPAGATION_BIDIRECTIONAL`: Both ways.
 */
export type MountPropagation =
  | 'PROPAGATION_PRIVATE'
  | 'PROPAGATION_HOST_TO_CONTAINER'
  | 'PROPAGATION_BIDIRECTIONAL';

/**
 * With whom a Linux namespace is shared.
 * - `POD`: With the containers of the pod.
 * - `CONTAINER`: With nobody.
 * - `NODE`: With the host.
 * - `TARGET`: With another container of the pod, for debugging it.
 */
export type NamespaceMode =
  | 'POD'
  | 'CONTAINER'
  | 'NODE'
  | 'TARGET';

/**
 * Where supplemental groups come from.
 * - `Merge`: From the request and the image's /etc/group.
 * - `Strict`: From the request only.
 */
export type SupplementalGroupsPolicy =
  | 'Merge'
  | 'Strict';

/**
 * State of a pod.
 * - `SANDBOX_READY`: Containers can be run in it.
 * - `SANDBOX_NOTREADY`: Stopped, or broken.
 */
export type PodSandboxState =
  | 'SANDBOX_READY'
  | 'SANDBOX_NOTREADY';

/**
 * Signal that stops a container. Numbers are positions in this list, not those of an operating
 * system.
 * - `RUNTIME_DEFAULT`: The image's stop signal, or SIGTERM.
 */
export type Signal =
  | 'RUNTIME_DEFAULT'
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGBUS'
  | 'SIGCHLD'
  | 'SIGCLD'
  | 'SIGCONT'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
  | 'SIGINT'
  | 'SIGIO'
  | 'SIGIOT'
  | 'SIGKILL'
  | 'SIGPIPE'
  | 'SIGPOLL'
  | 'SIGPROF'
  | 'SIGPWR'
  | 'SIGQUIT'
  | 'SIGSEGV'
  | 'SIGSTKFLT'
  | 'SIGSTOP'
  | 'SIGSYS'
  | 'SIGTERM'
  | 'SIGTRAP'
  | 'SIGTSTP'
  | 'SIGTTIN'
  | 'SIGTTOU'
  | 'SIGURG'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGVTALRM'
  | 'SIGWINCH'
  | 'SIGXCPU'
  | 'SIGXFSZ'
  | 'SIGRTMIN'
  | 'SIGRTMINPLUS1'
  | 'SIGRTMINPLUS2'
  | 'SIGRTMINPLUS3'
  | 'SIGRTMINPLUS4'
  | 'SIGRTMINPLUS5'
  | 'SIGRTMINPLUS6'
  | 'SIGRTMINPLUS7'
  | 'SIGRTMINPLUS8'
  | 'SIGRTMINPLUS9'
  | 'SIGRTMINPLUS10'
  | 'SIGRTMINPLUS11'
  | 'SIGRTMINPLUS12'
  | 'SIGRTMINPLUS13'
  | 'SIGRTMINPLUS14'
  | 'SIGRTMINPLUS15'
  | 'SIGRTMAXMINUS14'
  | 'SIGRTMAXMINUS13'
  | 'SIGRTMAXMINUS12'
  | 'SIGRTMAXMINUS11'
  | 'SIGRTMAXMINUS10'
  | 'SIGRTMAXMINUS9'
  | 'SIGRTMAXMINUS8'
  | 'SIGRTMAXMINUS7'
  | 'SIGRTMAXMINUS6'
  | 'SIGRTMAXMINUS5'
  | 'SIGRTMAXMINUS4'
  | 'SIGRTMAXMINUS3'
  | 'SIGRTMAXMINUS2'
  | 'SIGRTMAXMINUS1'
  | 'SIGRTMAX';

/**
 * State of a container.
 * - `CONTAINER_CREATED`: Made, not started.
 * - `CONTAINER_RUNNING`: Started.
 * - `CONTAINER_EXITED`: Ended.
 * - `CONTAINER_UNKNOWN`: Not known, such as that of a container whose shim does not answer.
 */
export type ContainerState =
  | 'CONTAINER_CREATED'
  | 'CONTAINER_RUNNING'
  | 'CONTAINER_EXITED'
  | 'CONTAINER_UNKNOWN';

/**
 * What happened to a container.
 * - `CONTAINER_CREATED_EVENT`: It was made.
 * - `CONTAINER_STARTED_EVENT`: It was started.
 * - `CONTAINER_STOPPED_EVENT`: It has ended.
 * - `CONTAINER_DELETED_EVENT`: It was removed.
 */
export type ContainerEventType =
  | 'CONTAINER_CREATED_EVENT'
  | 'CONTAINER_STARTED_EVENT'
  | 'CONTAINER_STOPPED_EVENT'
  | 'CONTAINER_DELETED_EVENT';

/**
 * How a metric behaves.
 * - `COUNTER`: It only grows.
 * - `GAUGE`: It goes up and down.
 */
export type MetricType =
  | 'COUNTER'
  | 'GAUGE';

/**
 * Who makes cgroups.
 * - `SYSTEMD`: systemd, asked by the runtime.
 * - `CGROUPFS`: The runtime itself.
 */
export type CgroupDriver =
  | 'SYSTEMD'
  | 'CGROUPFS';

/** Asks for versions. */
export interface VersionRequest {
  /** Version of the kubelet's API. */
  version: string;
}

/** Names and versions. */
export interface VersionResponse {
  /** Version of the kubelet's API that the runtime answers with. */
  version: string;
  /** Name of the runtime. */
  runtimeName: string;
  /** Release of the runtime. */
  runtimeVersion: string;
  /** Version of this API, `v1`. */
  runtimeApiVersion: string;
}

/** Content of a pod's resolv.conf. */
export interface DNSConfig {
  /** Name servers. */
  servers: string[];
  /** Search domains. */
  searches: string[];
  /** Resolver options. */
  options: string[];
}

/** A port of the pod that the host forwards. */
export interface PortMapping {
  protocol: Protocol;
  /** Port in the pod. */
  containerPort: number;
  /** Port on the host; 0 for none. */
  hostPort: number;
  /** Address on the host; empty for all. */
  hostIp: string;
}

/** A directory, file or image in a container. */
export interface Mount {
  /** Where it appears. */
  containerPath: string;
  /** What appears; ignored with an image. */
  hostPath: string;
  readonly: boolean;
  /** Give it the container's SELinux label. */
  selinuxRelabel: boolean;
  propagation: MountPropagation;
  /** Owners as the container sees them, on an id-mapped mount; none leaves them. */
  uidMappings: IDMapping[];
  /** Groups as the container sees them; none leaves them. */
  gidMappings: IDMapping[];
  /** Read-only with all mounts below; needs readonly and private propagation. */
  recursiveReadOnly: boolean;
  /** Image whose content appears, instead of a path. */
  image: ImageSpec | null;
  /** Directory in that image; empty for its root. */
  imageSubPath: string;
}

/** A range of user or group ids. */
export interface IDMapping {
  /** First id on the host. */
  hostId: number;
  /** First id in the container. */
  containerId: number;
  /** Number of ids. */
  length: number;
}

/** User ids of a pod. */
export interface UserNamespace {
  /** POD for a namespace of its own, NODE for the host's. */
  mode: NamespaceMode;
  uids: IDMapping[];
  gids: IDMapping[];
}

/** Linux namespaces of a pod or container. */
export interface NamespaceOption {
  network: NamespaceMode;
  pid: NamespaceMode;
  ipc: NamespaceMode;
  /** Container whose namespace is shared where a mode is TARGET. */
  targetId: string;
  /** User namespace; absent means the host's. */
  usernsOptions: UserNamespace | null;
}

/** A number that may be absent. */
export interface Int64Value {
  value: number;
}

/** What the processes of a pod's sandbox may do. */
export interface LinuxSandboxSecurityContext {
  namespaceOptions: NamespaceOption | null;
  selinuxOptions: SELinuxOption | null;
  /** User id; absent for the image's. */
  runAsUser: Int64Value | null;
  /** Group id; needs run_as_user. */
  runAsGroup: Int64Value | null;
  readonlyRootfs: boolean;
  /** Further group ids. */
  supplementalGroups: number[];
  supplementalGroupsPolicy: SupplementalGroupsPolicy;
  /** Whether privileged containers may run in the pod. */
  privileged: boolean;
  /** System call filter. */
  seccomp: SecurityProfile | null;
  apparmor: SecurityProfile | null;
  /** Replaced by seccomp. */
  seccompProfilePath: string;
}

/** A seccomp or AppArmor profile. */
export interface SecurityProfile {
  profileType: SecurityProfile_ProfileType;
  /** Name or path of a profile of this host, with Localhost. */
  localhostRef: string;
}

/**
 * Where a profile comes from.
 * - `RuntimeDefault`: The runtime's own.
 * - `Unconfined`: No profile.
 * - `Localhost`: One of this host.
 */
export type SecurityProfile_ProfileType =
  | 'RuntimeDefault'
  | 'Unconfined'
  | 'Localhost';

/** Linux settings of a pod. */
export interface LinuxPodSandboxConfig {
  /** Cgroup in which the pod's cgroups are made. */
  cgroupParent: string;
  securityContext: LinuxSandboxSecurityContext | null;
  /** Kernel settings for the pod's namespaces. */
  sysctls: Record<string, string>;
  /** What the sandbox itself may use; for information. */
  overhead: LinuxContainerResources | null;
  /** What all containers together may use; for information. */
  resources: LinuxContainerResources | null;
}

/** Identity of a pod in Kubernetes. */
export interface PodSandboxMetadata {
  name: string;
  /** Unique id of the pod. */
  uid: string;
  namespace: string;
  /** Number of earlier sandboxes of the same pod. */
  attempt: number;
}

/** Describes a pod. */
export interface PodSandboxConfig {
  metadata: PodSandboxMetadata | null;
  /** Empty for that of the host network. */
  hostname: string;
  /** Directory of its containers' logs. */
  logDirectory: string;
  /** Absent for the host's. */
  dnsConfig: DNSConfig | null;
  portMappings: PortMapping[];
  labels: Record<string, string>;
  /** Passed back unchanged; some are read by runtimes. */
  annotations: Record<string, string>;
  linux: LinuxPodSandboxConfig | null;
  windows: WindowsPodSandboxConfig | null;
}

/** Carries a pod to run. */
export interface RunPodSandboxRequest {
  config: PodSandboxConfig | null;
  /** Runtime to use, by the name it is configured under; empty for the default. */
  runtimeHandler: string;
}

/** The running pod. */
export interface RunPodSandboxResponse {
  podSandboxId: string;
}

/** Names the pod to stop. */
export interface StopPodSandboxRequest {
  podSandboxId: string;
}

/** Nothing to say. */
export type StopPodSandboxResponse = Record<string, never>;

/** Names the pod to remove. */
export interface RemovePodSandboxRequest {
  podSandboxId: string;
}

/** Nothing to say. */
export type RemovePodSandboxResponse = Record<string, never>;

/** Names one pod. */
export interface PodSandboxStatusRequest {
  podSandboxId: string;
  /** Fill info as well. */
  verbose: boolean;
}

/** One address. */
export interface PodIP {
  /** IPv4 or IPv6 text. */
  ip: string;
}

/** Addresses of a pod. */
export interface PodSandboxNetworkStatus {
  /** Main address; empty on the host network. */
  ip: string;
  /** All others. */
  additionalIps: PodIP[];
}

/** Namespaces of a pod. */
export interface Namespace {
  options: NamespaceOption | null;
}

/** Linux side of a pod's state. */
export interface LinuxPodSandboxStatus {
  namespaces: Namespace | null;
}

/** State of a pod. */
export interface PodSandboxStatus {
  id: string;
  metadata: PodSandboxMetadata | null;
  state: PodSandboxState;
  /** Nanoseconds since 1970. */
  createdAt: number;
  network: PodSandboxNetworkStatus | null;
  linux: LinuxPodSandboxStatus | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** As in RunPodSandboxRequest. */
  runtimeHandler: string;
}

/** The pod asked for. */
export interface PodSandboxStatusResponse {
  status: PodSandboxStatus | null;
  /** Free facts as JSON texts, only when asked for. */
  info: Record<string, string>;
  /** Its containers, where the runtime also sends events. */
  containersStatuses: ContainerStatus[];
  /** When this was true; 0 where the runtime sends no events. */
  timestamp: number;
}

/** A state that may be absent. */
export interface PodSandboxStateValue {
  state: PodSandboxState;
}

/** Selects pods; all that is set must match. */
export interface PodSandboxFilter {
  /** May be the beginning of an id. */
  id: string;
  state: PodSandboxStateValue | null;
  /** Labels that must be equal. */
  labelSelector: Record<string, string>;
}

/** Selects pods. */
export interface ListPodSandboxRequest {
  filter: PodSandboxFilter | null;
}

/** A pod in a list. */
export interface PodSandbox {
  id: string;
  metadata: PodSandboxMetadata | null;
  state: PodSandboxState;
  /** Nanoseconds since 1970. */
  createdAt: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** As in RunPodSandboxRequest. */
  runtimeHandler: string;
}

/** The pods found. */
export interface ListPodSandboxResponse {
  items: PodSandbox[];
}

/** Selects pods. */
export interface StreamPodSandboxesRequest {
  filter: PodSandboxFilter | null;
}

/** Some of the pods found. */
export interface StreamPodSandboxesResponse {
  podSandboxes: PodSandbox[];
}

/** Names one pod. */
export interface PodSandboxStatsRequest {
  podSandboxId: string;
}

/** Use of resources of one pod. */
export interface PodSandboxStatsResponse {
  stats: PodSandboxStats | null;
}

/** Selects pods; all that is set must match. */
export interface PodSandboxStatsFilter {
  /** May be the beginning of an id. */
  id: string;
  /** Labels that must be equal. */
  labelSelector: Record<string, string>;
}

/** Selects pods. */
export interface ListPodSandboxStatsRequest {
  filter: PodSandboxStatsFilter | null;
}

/** Use of resources of the pods found. */
export interface ListPodSandboxStatsResponse {
  stats: PodSandboxStats[];
}

/** Selects pods. */
export interface StreamPodSandboxStatsRequest {
  filter: PodSandboxStatsFilter | null;
}

/** Use of resources of some of the pods found. */
export interface StreamPodSandboxStatsResponse {
  podSandboxStats: PodSandboxStats[];
}

/** Which pod was measured. */
export interface PodSandboxAttributes {
  id: string;
  metadata: PodSandboxMetadata | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Use of resources of a pod. */
export interface PodSandboxStats {
  attributes: PodSandboxAttributes | null;
  linux: LinuxPodSandboxStats | null;
  windows: WindowsPodSandboxStats | null;
}

/** Linux side of that; includes the containers. */
export interface LinuxPodSandboxStats {
  cpu: CpuUsage | null;
  memory: MemoryUsage | null;
  network: NetworkUsage | null;
  process: ProcessUsage | null;
  containers: ContainerStats[];
  io: IoUsage | null;
}

/** Windows side of that; includes the containers. */
export interface WindowsPodSandboxStats {
  cpu: WindowsCpuUsage | null;
  memory: WindowsMemoryUsage | null;
  network: WindowsNetworkUsage | null;
  process: WindowsProcessUsage | null;
  containers: WindowsContainerStats[];
}

/** Network traffic. */
export interface NetworkUsage {
  timestamp: number;
  /** The interface with the main address. */
  defaultInterface: NetworkInterfaceUsage | null;
  /** All others. */
  interfaces: NetworkInterfaceUsage[];
}

/** Network traffic on Windows. */
export interface WindowsNetworkUsage {
  timestamp: number;
  /** The interface with the main address. */
  defaultInterface: WindowsNetworkInterfaceUsage | null;
  /** All others. */
  interfaces: WindowsNetworkInterfaceUsage[];
}

/** Traffic of one interface since it was made. */
export interface NetworkInterfaceUsage {
  name: string;
  rxBytes: UInt64Value | null;
  rxErrors: UInt64Value | null;
  txBytes: UInt64Value | null;
  txErrors: UInt64Value | null;
}

/** Traffic of one interface on Windows. */
export interface WindowsNetworkInterfaceUsage {
  name: string;
  rxBytes: UInt64Value | null;
  rxPacketsDropped: UInt64Value | null;
  txBytes: UInt64Value | null;
  txPacketsDropped: UInt64Value | null;
}

/** Processes of a pod. */
export interface ProcessUsage {
  timestamp: number;
  processCount: UInt64Value | null;
}

/** Processes of a pod on Windows. */
export interface WindowsProcessUsage {
  timestamp: number;
  processCount: UInt64Value | null;
}

/** Names an image. */
export interface ImageSpec {
  /** Id or reference. */
  image: string;
  annotations: Record<string, string>;
  /** Reference as the user wrote it; for information. */
  userSpecifiedImage: string;
  /** Runtime the image is for; empty for the default. */
  runtimeHandler: string;
  /** Id or digest the reference stood for. */
  imageRef: string;
}

/** One environment variable. */
export interface KeyValue {
  key: string;
  /** Any bytes. */
  value: Buffer;
}

/** Resource limits; 0 or empty leaves a value alone. */
export interface LinuxContainerResources {
  /** Microseconds of a scheduling period. */
  cpuPeriod: number;
  /** Microseconds of processor time in a period. */
  cpuQuota: number;
  /** Weight against others. */
  cpuShares: number;
  /** Most memory. */
  memoryLimitInBytes: number;
  /** -1000 to 1000; more is killed earlier. */
  oomScoreAdj: number;
  /** List of processors, such as 0-3,8. */
  cpusetCpus: string;
  /** List of memory nodes. */
  cpusetMems: string;
  hugepageLimits: HugepageLimit[];
  /** Files of cgroup version 2 and what to write to them. */
  unified: Record<string, string>;
  /** Most memory and swap together. */
  memorySwapLimitInBytes: number;
}

/** Limit for huge pages of one size. */
export interface HugepageLimit {
  /** Such as 2MB. */
  pageSize: string;
  /** Bytes. */
  limit: number;
}

/** Parts of an SELinux label. */
export interface SELinuxOption {
  user: string;
  role: string;
  type: string;
  level: string;
}

/** Capabilities to add to and drop from the default set. */
export interface Capability {
  /** Names without CAP_, or ALL. */
  addCapabilities: string[];
  /** Names without CAP_, or ALL. */
  dropCapabilities: string[];
  /** Names without CAP_; kept by programs of other users. */
  addAmbientCapabilities: string[];
}

/** What the processes of a container may do. */
export interface LinuxContainerSecurityContext {
  capabilities: Capability | null;
  /** All capabilities and devices, no confinement. */
  privileged: boolean;
  namespaceOptions: NamespaceOption | null;
  selinuxOptions: SELinuxOption | null;
  /** User id; not together with run_as_username. */
  runAsUser: Int64Value | null;
  /** Group id; needs a user. */
  runAsGroup: Int64Value | null;
  /** User name in the image; not together with run_as_user. */
  runAsUsername: string;
  readonlyRootfs: boolean;
  /** Further group ids. */
  supplementalGroups: number[];
  supplementalGroupsPolicy: SupplementalGroupsPolicy;
  /** Keep set-user-id programs from gaining rights. */
  noNewPrivs: boolean;
  /** Paths to hide. */
  maskedPaths: string[];
  /** Paths to make read-only. */
  readonlyPaths: string[];
  /** System call filter. */
  seccomp: SecurityProfile | null;
  apparmor: SecurityProfile | null;
  /** Replaced by apparmor. */
  apparmorProfile: string;
  /** Replaced by seccomp. */
  seccompProfilePath: string;
}

/** Linux settings of a container. */
export interface LinuxContainerConfig {
  resources: LinuxContainerResources | null;
  securityContext: LinuxContainerSecurityContext | null;
}

/** Identity a container's first process started with. */
export interface LinuxContainerUser {
  uid: number;
  gid: number;
  supplementalGroups: number[];
}

/** Namespaces on Windows. */
export interface WindowsNamespaceOption {
  network: NamespaceMode;
}

/** What the processes of a pod may do on Windows. */
export interface WindowsSandboxSecurityContext {
  runAsUsername: string;
  /** Group managed service account to run as, as JSON. */
  credentialSpec: string;
  /** Whether containers may run on the host itself. */
  hostProcess: boolean;
  namespaceOptions: WindowsNamespaceOption | null;
}

/** Windows settings of a pod. */
export interface WindowsPodSandboxConfig {
  securityContext: WindowsSandboxSecurityContext | null;
}

/** What the processes of a container may do on Windows. */
export interface WindowsContainerSecurityContext {
  runAsUsername: string;
  /** Group managed service account to run as, as JSON. */
  credentialSpec: string;
  /** Run on the host itself. */
  hostProcess: boolean;
}

/** Windows settings of a container. */
export interface WindowsContainerConfig {
  resources: WindowsContainerResources | null;
  securityContext: WindowsContainerSecurityContext | null;
}

/** Resource limits on Windows; 0 leaves a value alone. */
export interface WindowsContainerResources {
  /** Weight against others. */
  cpuShares: number;
  /** Number of processors. */
  cpuCount: number;
  /** Share of processor time, in units of 0.01 percent. */
  cpuMaximum: number;
  memoryLimitInBytes: number;
  rootfsSizeInBytes: number;
  affinityCpus: WindowsCpuGroupAffinity[];
}

/** Processors of one group. */
export interface WindowsCpuGroupAffinity {
  /** One bit per processor. */
  cpuMask: number;
  cpuGroup: number;
}

/** Identity of a container in its pod. */
export interface ContainerMetadata {
  /** Same for all attempts. */
  name: string;
  /** Number of earlier containers of that name. */
  attempt: number;
}

/** A device of the host in a container. */
export interface Device {
  containerPath: string;
  hostPath: string;
  /** Of r, w and m for read, write and mknod. */
  permissions: string;
}

/** A device by its CDI name. */
export interface CDIDevice {
  /** Such as vendor.com/class=device. */
  name: string;
}

/** Describes a container. */
export interface ContainerConfig {
  metadata: ContainerMetadata | null;
  image: ImageSpec | null;
  /** Replaces the image's entrypoint; none leaves it. */
  command: string[];
  /** Replaces the image's command; none leaves it. */
  args: string[];
  /** Empty for the image's. */
  workingDir: string;
  envs: KeyValue[];
  mounts: Mount[];
  devices: Device[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** File below the pod's log directory. */
  logPath: string;
  /** Keep standard input open for Attach. */
  stdin: boolean;
  /** Close it when the first attached client leaves. */
  stdinOnce: boolean;
  /** Give the first process a terminal. */
  tty: boolean;
  linux: LinuxContainerConfig | null;
  windows: WindowsContainerConfig | null;
  /** Devices by CDI name. */
  CDIDevices: CDIDevice[];
  stopSignal: Signal;
}

/** A container and its pod. */
export interface CreateContainerRequest {
  podSandboxId: string;
  config: ContainerConfig | null;
  /** The pod's configuration, the same as when it was run. */
  sandboxConfig: PodSandboxConfig | null;
}

/** The new container. */
export interface CreateContainerResponse {
  containerId: string;
}

/** Names the container to start. */
export interface StartContainerRequest {
  containerId: string;
}

/** Nothing to say. */
export type StartContainerResponse = Record<string, never>;

/** Names the container to stop. */
export interface StopContainerRequest {
  containerId: string;
  /** Seconds between the stop signal and SIGKILL; 0 kills at once. */
  timeout: number;
}

/** Nothing to say. */
export type StopContainerResponse = Record<string, never>;

/** Names the container to remove. */
export interface RemoveContainerRequest {
  containerId: string;
}

/** Nothing to say. */
export type RemoveContainerResponse = Record<string, never>;

/** A state that may be absent. */
export interface ContainerStateValue {
  state: ContainerState;
}

/** Selects containers; all that is set must match. */
export interface ContainerFilter {
  /** May be the beginning of an id. */
  id: string;
  state: ContainerStateValue | null;
  podSandboxId: string;
  /** Labels that must be equal. */
  labelSelector: Record<string, string>;
}

/** Selects containers. */
export interface ListContainersRequest {
  filter: ContainerFilter | null;
}

/** A container in a list. */
export interface Container {
  id: string;
  podSandboxId: string;
  metadata: ContainerMetadata | null;
  image: ImageSpec | null;
  /** Id or digest of its image. */
  imageRef: string;
  state: ContainerState;
  /** Nanoseconds since 1970. */
  createdAt: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Id of its image in the runtime. */
  imageId: string;
}

/** The containers found. */
export interface ListContainersResponse {
  containers: Container[];
}

/** Selects containers. */
export interface StreamContainersRequest {
  filter: ContainerFilter | null;
}

/** Some of the containers found. */
export interface StreamContainersResponse {
  containers: Container[];
}

/** Names one container. */
export interface ContainerStatusRequest {
  containerId: string;
  /** Fill info as well. */
  verbose: boolean;
}

/** State of a container. */
export interface ContainerStatus {
  id: string;
  metadata: ContainerMetadata | null;
  state: ContainerState;
  /** Nanoseconds since 1970. */
  createdAt: number;
  /** Nanoseconds since 1970; 0 before the start. */
  startedAt: number;
  /** Nanoseconds since 1970; 0 before the end. */
  finishedAt: number;
  /** Means something once finished. */
  exitCode: number;
  image: ImageSpec | null;
  /** Id or digest of its image. */
  imageRef: string;
  /** One word on why it is in this state, such as OOMKilled. */
  reason: string;
  /** The same for a human. */
  message: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  mounts: Mount[];
  /** Full path of its log. */
  logPath: string;
  resources: ContainerResources | null;
  /** Id of its image in the runtime. */
  imageId: string;
  /** Identity its first process started with. */
  user: ContainerUser | null;
  stopSignal: Signal;
}

/** The container asked for. */
export interface ContainerStatusResponse {
  status: ContainerStatus | null;
  /** Free facts as JSON texts, only when asked for. */
  info: Record<string, string>;
}

/** Resource limits of a container, by platform. */
export interface ContainerResources {
  linux: LinuxContainerResources | null;
  windows: WindowsContainerResources | null;
}

/** Identity of a container's first process, by platform. */
export interface ContainerUser {
  linux: LinuxContainerUser | null;
}

/** Carries new limits. */
export interface UpdateContainerResourcesRequest {
  containerId: string;
  linux: LinuxContainerResources | null;
  windows: WindowsContainerResources | null;
  /** Further input for runtimes that read annotations. */
  annotations: Record<string, string>;
}

/** Nothing to say. */
export type UpdateContainerResourcesResponse = Record<string, never>;

/** A command to run. */
export interface ExecSyncRequest {
  containerId: string;
  cmd: string[];
  /** Seconds after which it is killed; 0 for no limit. */
  timeout: number;
}

/** Outcome of the command. */
export interface ExecSyncResponse {
  /** Its output, cut at 16 MiB. */
  stdout: Buffer;
  /** Its error output, cut at 16 MiB. */
  stderr: Buffer;
  exitCode: number;
}

/** A command to run interactively; at least one stream must be asked for. */
export interface ExecRequest {
  containerId: string;
  cmd: string[];
  /** Give it a terminal; not together with stderr. */
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** Where to go. */
export interface ExecResponse {
  /** URL of the streaming server, good for one use. */
  url: string;
}

/** Streams of a running container; at least one must be asked for. */
export interface AttachRequest {
  containerId: string;
  stdin: boolean;
  /** Whether the container has a terminal. */
  tty: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** Where to go. */
export interface AttachResponse {
  /** URL of the streaming server, good for one use. */
  url: string;
}

/** Ports of a pod. */
export interface PortForwardRequest {
  podSandboxId: string;
  port: number[];
}

/** Where to go. */
export interface PortForwardResponse {
  /** URL of the streaming server, good for one use. */
  url: string;
}

/** Selects images. */
export interface ImageFilter {
  /** Only this one; absent for all. */
  image: ImageSpec | null;
}

/** Selects images. */
export interface ListImagesRequest {
  filter: ImageFilter | null;
}

/** An image. */
export interface Image {
  /** Digest of its configuration. */
  id: string;
  /** References with a tag. */
  repoTags: string[];
  /** References with a digest. */
  repoDigests: string[];
  /** Bytes on disk. */
  size: number;
  /** User id to run as; absent when the image names none or a name. */
  uid: Int64Value | null;
  /** User name to run as; empty when there is a uid. */
  username: string;
  spec: ImageSpec | null;
  /** Never to be removed to make room. */
  pinned: boolean;
}

/** The images found. */
export interface ListImagesResponse {
  images: Image[];
}

/** Selects images. */
export interface StreamImagesRequest {
  filter: ImageFilter | null;
}

/** Some of the images found. */
export interface StreamImagesResponse {
  images: Image[];
}

/** Names one image. */
export interface ImageStatusRequest {
  image: ImageSpec | null;
  /** Fill info as well. */
  verbose: boolean;
}

/** The image asked for. */
export interface ImageStatusResponse {
  /** Absent when it is not there. */
  image: Image | null;
  /** Free facts as JSON texts, only when asked for. */
  info: Record<string, string>;
}

/** Secrets for a registry; never to be logged. */
export interface AuthConfig {
  username: string;
  password: string;
  /** User name and password joined by a colon, in base64. */
  auth: string;
  /** Registry they are for. */
  serverAddress: string;
  /** Token to exchange for others. */
  identityToken: string;
  /** Token to send as it is. */
  registryToken: string;
}

/** Names the image to fetch. */
export interface PullImageRequest {
  image: ImageSpec | null;
  /** Absent for none. */
  auth: AuthConfig | null;
  /** Pod that wants it, where there is one. */
  sandboxConfig: PodSandboxConfig | null;
}

/** The image fetched. */
export interface PullImageResponse {
  /** Id or digest of it. */
  imageRef: string;
}

/** Names the image to remove. */
export interface RemoveImageRequest {
  image: ImageSpec | null;
}

/** Nothing to say. */
export type RemoveImageResponse = Record<string, never>;

/** Network settings of the node. */
export interface NetworkConfig {
  /** Address range for pods. */
  podCidr: string;
}

/** Settings of the node. */
export interface RuntimeConfig {
  networkConfig: NetworkConfig | null;
}

/** Carries settings of the node. */
export interface UpdateRuntimeConfigRequest {
  runtimeConfig: RuntimeConfig | null;
}

/** Nothing to say. */
export type UpdateRuntimeConfigResponse = Record<string, never>;

/** One thing that is ready or not. */
export interface RuntimeCondition {
  /** RuntimeReady, NetworkReady or one of the runtime's own. */
  type: string;
  status: boolean;
  /** One word on why it is not. */
  reason: string;
  /** The same for a human. */
  message: string;
}

/** All that is ready or not. */
export interface RuntimeStatus {
  conditions: RuntimeCondition[];
}

/** Asks for readiness. */
export interface StatusRequest {
  /** Fill info as well. */
  verbose: boolean;
}

/** What one runtime can do. */
export interface RuntimeHandlerFeatures {
  recursiveReadOnlyMounts: boolean;
  userNamespaces: boolean;
}

/** One configured runtime. */
export interface RuntimeHandler {
  /** Name it is configured under; empty for the default. */
  name: string;
  features: RuntimeHandlerFeatures | null;
}

/** What the server can do with every runtime. */
export interface RuntimeFeatures {
  supplementalGroupsPolicy: boolean;
  /** Both together in one pod. */
  userNamespacesHostNetwork: boolean;
}

/** Readiness and abilities. */
export interface StatusResponse {
  status: RuntimeStatus | null;
  /** Free facts as JSON texts, only when asked for. */
  info: Record<string, string>;
  runtimeHandlers: RuntimeHandler[];
  features: RuntimeFeatures | null;
}

/** Asks for disk space. */
export type ImageFsInfoRequest = Record<string, never>;

/** A number that may be absent. */
export interface UInt64Value {
  value: number;
}

/** A filesystem of the host. */
export interface FilesystemIdentifier {
  /** Where it is mounted. */
  mountpoint: string;
}

/** Use of one filesystem. */
export interface FilesystemUsage {
  timestamp: number;
  fsId: FilesystemIdentifier | null;
  usedBytes: UInt64Value | null;
  inodesUsed: UInt64Value | null;
}

/** Use of one filesystem on Windows. */
export interface WindowsFilesystemUsage {
  timestamp: number;
  fsId: FilesystemIdentifier | null;
  usedBytes: UInt64Value | null;
}

/** Disk space used. */
export interface ImageFsInfoResponse {
  /** By images. */
  imageFilesystems: FilesystemUsage[];
  /** By writable layers; the same as for images where they share a filesystem. */
  containerFilesystems: FilesystemUsage[];
}

/** Names one container. */
export interface ContainerStatsRequest {
  containerId: string;
}

/** Use of resources of one container. */
export interface ContainerStatsResponse {
  stats: ContainerStats | null;
}

/** Selects containers. */
export interface ListContainerStatsRequest {
  filter: ContainerStatsFilter | null;
}

/** Selects containers; all that is set must match. */
export interface ContainerStatsFilter {
  /** May be the beginning of an id. */
  id: string;
  podSandboxId: string;
  /** Labels that must be equal. */
  labelSelector: Record<string, string>;
}

/** Use of resources of the containers found. */
export interface ListContainerStatsResponse {
  stats: ContainerStats[];
}

/** Selects containers. */
export interface StreamContainerStatsRequest {
  filter: ContainerStatsFilter | null;
}

/** Use of resources of some of the containers found. */
export interface StreamContainerStatsResponse {
  containerStats: ContainerStats[];
}

/** Which container was measured. */
export interface ContainerAttributes {
  id: string;
  metadata: ContainerMetadata | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Use of resources of a container. */
export interface ContainerStats {
  attributes: ContainerAttributes | null;
  cpu: CpuUsage | null;
  memory: MemoryUsage | null;
  /** Disk space of what it changed in its root filesystem. */
  writableLayer: FilesystemUsage | null;
  swap: SwapUsage | null;
  io: IoUsage | null;
}

/** Use of resources of a container on Windows. */
export interface WindowsContainerStats {
  attributes: ContainerAttributes | null;
  cpu: WindowsCpuUsage | null;
  memory: WindowsMemoryUsage | null;
  writableLayer: WindowsFilesystemUsage | null;
}

/** Waiting for one kind of resource. */
export interface PsiStats {
  /** All tasks waited. */
  Full: PsiData | null;
  /** At least one task waited. */
  Some: PsiData | null;
}

/** Share of time in which tasks waited. */
export interface PsiData {
  /** Nanoseconds in all. */
  Total: number;
  /** Percent over the last 10 s. */
  Avg10: number;
  /** Percent over the last 60 s. */
  Avg60: number;
  /** Percent over the last 300 s. */
  Avg300: number;
}

/** Processor use. */
export interface CpuUsage {
  timestamp: number;
  /** Processor time in nanoseconds, summed over processors. */
  usageCoreNanoSeconds: UInt64Value | null;
  /** Rate over a recent while, in billionths of a processor. */
  usageNanoCores: UInt64Value | null;
  psi: PsiStats | null;
}

/** Processor use on Windows. */
export interface WindowsCpuUsage {
  timestamp: number;
  /** Processor time in nanoseconds, summed over processors. */
  usageCoreNanoSeconds: UInt64Value | null;
  /** Rate over a recent while, in billionths of a processor. */
  usageNanoCores: UInt64Value | null;
}

/** Memory use. */
export interface MemoryUsage {
  timestamp: number;
  /** Memory that cannot be taken back at once. */
  workingSetBytes: UInt64Value | null;
  /** Limit less working set; absent without a limit. */
  availableBytes: UInt64Value | null;
  usageBytes: UInt64Value | null;
  /** Anonymous memory. */
  rssBytes: UInt64Value | null;
  pageFaults: UInt64Value | null;
  majorPageFaults: UInt64Value | null;
  psi: PsiStats | null;
}

/** Waiting for disks. */
export interface IoUsage {
  timestamp: number;
  psi: PsiStats | null;
}

/** Swap use. */
export interface SwapUsage {
  timestamp: number;
  /** Limit less use. */
  swapAvailableBytes: UInt64Value | null;
  swapUsageBytes: UInt64Value | null;
}

/** Memory use on Windows. */
export interface WindowsMemoryUsage {
  timestamp: number;
  workingSetBytes: UInt64Value | null;
  availableBytes: UInt64Value | null;
  pageFaults: UInt64Value | null;
  commitMemoryBytes: UInt64Value | null;
}

/** Names one container. */
export interface ReopenContainerLogRequest {
  containerId: string;
}

/** Nothing to say. */
export type ReopenContainerLogResponse = Record<string, never>;

/** A container and where to write. */
export interface CheckpointContainerRequest {
  containerId: string;
  /** File to write. */
  location: string;
  /** Seconds it may take; 0 for no limit. */
  timeout: number;
}

/** Nothing to say. */
export type CheckpointContainerResponse = Record<string, never>;

/** Asks for events. */
export type GetEventsRequest = Record<string, never>;

/** Something happened to a container. */
export interface ContainerEventResponse {
  /** Container, or pod, that it happened to. */
  containerId: string;
  containerEventType: ContainerEventType;
  /** When it happened. */
  createdAt: number;
  /** The pod after it. */
  podSandboxStatus: PodSandboxStatus | null;
  /** Its containers after it. */
  containersStatuses: ContainerStatus[];
}

/** Asks for descriptions. */
export type ListMetricDescriptorsRequest = Record<string, never>;

/** All metrics there are. */
export interface ListMetricDescriptorsResponse {
  descriptors: MetricDescriptor[];
}

/** Description of one metric. */
export interface MetricDescriptor {
  name: string;
  /** Its meaning for a human. */
  help: string;
  /** Names of its labels, in the order of their values in Metric. */
  labelKeys: string[];
}

/** Asks for metrics. */
export type ListPodSandboxMetricsRequest = Record<string, never>;

/** Metrics of all pods. */
export interface ListPodSandboxMetricsResponse {
  podMetrics: PodSandboxMetrics[];
}

/** Asks for metrics. */
export type StreamPodSandboxMetricsRequest = Record<string, never>;

/** Metrics of some of the pods. */
export interface StreamPodSandboxMetricsResponse {
  podSandboxMetrics: PodSandboxMetrics[];
}

/** Metrics of one pod. */
export interface PodSandboxMetrics {
  podSandboxId: string;
  /** Those of the pod as a whole. */
  metrics: Metric[];
  containerMetrics: ContainerMetrics[];
}

/** Metrics of one container. */
export interface ContainerMetrics {
  containerId: string;
  metrics: Metric[];
}

/** One number. */
export interface Metric {
  name: string;
  /** When it was taken, in nanoseconds since 1970; 0 for now. */
  timestamp: number;
  metricType: MetricType;
  /** In the order of the descriptor's keys. */
  labelValues: string[];
  value: UInt64Value | null;
}

/** Asks for settings. */
export type RuntimeConfigRequest = Record<string, never>;

/** Settings of the runtime. */
export interface RuntimeConfigResponse {
  linux: LinuxRuntimeConfiguration | null;
}

/** Linux settings of the runtime. */
export interface LinuxRuntimeConfiguration {
  cgroupDriver: CgroupDriver;
}

/** Carries new limits of a pod. */
export interface UpdatePodSandboxResourcesRequest {
  podSandboxId: string;
  /** What the sandbox itself may use. */
  overhead: LinuxContainerResources | null;
  /** What all containers together may use. */
  resources: LinuxContainerResources | null;
}

/** Nothing to say. */
export type UpdatePodSandboxResourcesResponse = Record<string, never>;
