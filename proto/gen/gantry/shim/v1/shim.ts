// Generated from the .proto files by `npm run proto`; do not edit.

/** The file `task.pb` in a bundle: written before Create is answered. */
export interface TaskRecord {
  /** Of the interface in this file, from 1. A daemon adopts with what it knows. */
  interfaceVersion: number;
  /** The shim itself. */
  shimPid: number;
  /** The container's first process. */
  pid: number;
  /** When that was started, in clock ticks since boot: tells it from a later process with its id. */
  startedTicks: number;
  /** The CreateTaskRequest. */
  create: Buffer;
  /** What another process can hold so that the container does not lose its streams with the shim. */
  descriptors: Descriptor[];
}

/** An open file of a process. */
export interface Descriptor {
  /**
   * The number of the stream (0, 1, 2) times 3, plus 0 for what is read from, 1 for what is written to, 2 for the shim's own
   * far end of a client's FIFO.
   */
  role: number;
  fd: number;
  /** Which file it is, as a number may have been used again. */
  device: number;
  inode: number;
}

/** The container and what is held for it. */
export interface AdoptRequest {
  record: TaskRecord | null;
  /** The process that holds the descriptors below: the daemon. */
  holderPid: number;
  /** A pidfd of the container's first process, opened while it lived; 0 without one. */
  initDescriptor: number;
  /** Roles and numbers as the holder has them. */
  descriptors: Descriptor[];
  /** Subscribers know already that the first process has ended. */
  told: boolean;
}

/** That it is done. */
export interface AdoptResponse {
  /** The container's first process. */
  pid: number;
}
