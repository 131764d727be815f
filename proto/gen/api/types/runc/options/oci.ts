// Generated from the .proto files by `npm run proto`; do not edit.

/** How the shim calls runc. */
export interface Options {
  /** Use chroot instead of pivot_root, for a root on a RAM disk. */
  noPivotRoot: boolean;
  /** Do not give the container a session keyring of its own. */
  noNewKeyring: boolean;
  /** Cgroup to move the shim into; empty leaves it where it is. */
  shimCgroup: string;
  /** Owner of the stdio pipes. */
  ioUid: number;
  /** Group of the stdio pipes. */
  ioGid: number;
  /** OCI runtime to call, name or path; empty means runc. */
  binaryName: string;
  /** State directory of the OCI runtime; empty for the shim's default. */
  root: string;
  /** Let systemd make the cgroups. */
  systemdCgroup: boolean;
  /** Where checkpoints are written; empty for none. */
  criuImagePath: string;
  /** Where CRIU keeps its logs; empty for a temporary place. */
  criuWorkPath: string;
  /** Replaced by the field of the same name in the Tasks service. */
  taskApiAddress: string;
  /** Replaced by the field of the same name in the Tasks service. */
  taskApiVersion: number;
}

/** What a checkpoint holds. */
export interface CheckpointOptions {
  /** Stop the container after the checkpoint. */
  exit: boolean;
  /** Include established TCP connections. */
  openTcp: boolean;
  /** Allow Unix sockets connected to outside. */
  externalUnixSockets: boolean;
  /** Allow a terminal. */
  terminal: boolean;
  /** Include file locks. */
  fileLocks: boolean;
  /** Namespaces to leave empty in the image, such as network. */
  emptyNamespaces: string[];
  /** What to do with cgroups: soft, full, strict or empty for the default. */
  cgroupsMode: string;
  /** Directory to write to; empty lets the server store the checkpoint as content. */
  imagePath: string;
  /** Directory for CRIU's logs. */
  workPath: string;
  /** Directory of an earlier checkpoint to build on. */
  parentPath: string;
}

/** Note on a process in a list of pids. */
export interface ProcessDetails {
  /** Id under which the process was made by Exec. */
  execId: string;
}
