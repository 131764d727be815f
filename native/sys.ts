import { join } from 'node:path';
import { type AppliedLayer, type ApplyLayerOptions, applyLayer } from './apply-layer.ts';
import { binding } from './binding.ts';
import { cancellable } from './cancel.ts';
import { native, nativeSync } from './errno.ts';
import { extendedAttributes } from './extended-attributes.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { Hasher } from './hasher.ts';
import { type Mount, mount } from './mount.ts';
import { mountAll } from './mount-all.ts';
import { type MountInfo, readMountInfo } from './mountinfo.ts';
import { makePipe, type Pipe } from './pipe.ts';
import { ProcessHandle } from './process-handle.ts';
import { processStartTicks } from './process-stat.ts';
import { type Program, type ProgramResult, runProgram } from './run-program.ts';
import { type UnmountOptions, unmount, unmountAll, unmountRecursive } from './unmount.ts';

export type { AppliedLayer, ApplyLayerOptions, LayerSource } from './apply-layer.ts';
export { errnoOf } from './errno.ts';
export type { FileLock } from './file-lock.ts';
export type { Hasher } from './hasher.ts';
export type { Mount } from './mount.ts';
export type { MountInfo } from './mountinfo.ts';
export type { Pipe, PipeEnd } from './pipe.ts';
export type { ProcessExit, ProcessHandle } from './process-handle.ts';
export type { Program, ProgramResult } from './run-program.ts';
export type { UnmountOptions } from './unmount.ts';

/** Stops a call: it is rejected with the signal's reason once nothing of it runs any more. */
export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface Directory {
  readonly path: string;
  readonly mode: number;
}

export interface DiskUsage {
  /** Space as allocated, in bytes. */
  readonly sizeBytes: number;
  readonly inodes: number;
}

/**
 * What Gantry needs of the kernel beyond Node's own functions.
 *
 * Everything that returns a promise runs off the event loop. A failed system call becomes a GantryError whose message
 * holds the call, the path and the symbolic errno, as in `umount2 /run/x: device or resource busy (EBUSY)`; its kind
 * follows the errno (see errno.ts) and `errnoOf(error)` gives the errno.
 */
export interface Sys {
  /**
   * Mounts with containerd's option semantics: flags (`ro`, `rbind`, `nosuid`, `remount`, …), propagation (`rslave`, …),
   * the rest are options of the file system. Overlay takes any number of lower directories. `uidmap=` and `gidmap=`
   * (`container-id:host-id:size[,…]`) have a bind or overlay mount show other owners. Missing targets are not created. mount(2), fsopen(2), open_tree(2), mount_setattr(2)
   */
  mount(request: Mount): Promise<void>;
  /**
   * Makes all of the mounts, in order, or none. Each target is a path below `root`, '' for `root` itself, as in
   * `containerd.types.Mount`.
   */
  mountAll(requests: readonly Mount[], root: string): Promise<void>;
  /** Unmounts the topmost mount at the target; invalid-argument (EINVAL) if there is none. umount2(2) */
  unmount(target: string, options?: UnmountOptions): Promise<void>;
  /** Unmounts the target until nothing is mounted there; well if there is no such mount or path. umount2(2) */
  unmountAll(target: string, options?: UnmountOptions): Promise<void>;
  /** Unmounts everything at and below the target, last mounted first. proc(5), umount2(2) */
  unmountRecursive(target: string, options?: UnmountOptions): Promise<void>;
  /** All mounts of this mount namespace, oldest first. proc(5) */
  mountInfo(): Promise<MountInfo[]>;

  /** Makes directories with exactly those modes, in order, whatever the umask. mkdir(2) */
  makeDirectories(directories: readonly Directory[]): Promise<void>;
  /**
   * Has the file system keep apart what will be made in the directories of a directory; false where it does not know how,
   * as all but ext4. Files are then made quickly also beside what was just deleted. ioctl_iflags(2)
   */
  spreadDirectories(path: string): Promise<boolean>;
  /** Puts a file's data, or a directory's entries, on stable storage. fsync(2) */
  syncPath(path: string): Promise<void>;
  /** Puts everything written to the file system that holds `path` on stable storage. syncfs(2) */
  syncFileSystem(path: string): Promise<void>;
  /** Makes a named pipe with exactly that mode, whatever the umask; already-exists if the name is taken. mkfifo(3) */
  makeFifo(path: string, mode: number): Promise<void>;
  /** A pipe without a name, that no program inherits unless it is given an end. pipe2(2) */
  makePipe(): Pipe;
  /**
   * Takes an exclusive lock on a file, made with mode 0600 if missing. failed-precondition at once if another open
   * file holds it, in this process or another. flock(2)
   */
  lockFile(path: string): Promise<FileLock>;
  /**
   * Reads a regular file of at most `maxBytes` below `root`, resolving every symbolic link as if `root` were `/`.
   * Fit for roots whose contents are hostile. resource-exhausted (EFBIG) if it is larger, invalid-argument if it is a
   * directory, device, fifo or socket. openat2(2)
   */
  readFileInRoot(root: string, path: string, maxBytes: number): Promise<Buffer>;
  /**
   * Deletes a file or a directory with everything in it; well if it does not exist. Follows no symbolic link; enters
   * no mount and fails there with failed-precondition (EBUSY). unlinkat(2)
   */
  removeTree(path: string, options?: Cancellable): Promise<void>;
  /**
   * Does what `removeTree` does to many entries of one directory, one after another on one thread. An entry that cannot
   * be deleted keeps no other; the first failure is reported when all have been tried.
   */
  removeEntries(directory: string, names: readonly string[], options?: Cancellable): Promise<void>;
  /** Space and inodes of a tree, the top included, each inode once. Symbolic links are not followed. stat(2) */
  diskUsage(path: string, options?: Cancellable): Promise<DiskUsage>;

  /** Who connected to, or listens on, the unix socket with this descriptor. unix(7), SO_PEERCRED */
  peerCredentials(fd: number): PeerCredentials;

  /** A handle for a running process; not-found if there is none. pidfd_open(2) */
  openProcess(pid: number): ProcessHandle;
  /** Moves this process, all its threads, into the cgroup of that directory. cgroups(7) */
  joinCgroup(directory: string): Promise<void>;
  /**
   * Runs a program to its end, until its outputs are closed too, in a process group of its own. When time is up or
   * `signal` aborts, the whole group is killed. not-found (ENOENT) and the like if it cannot be started. execve(2)
   */
  runProgram(program: Program, options?: Cancellable): Promise<ProgramResult>;
  /** When a process was started, in clock ticks since boot; not-found if there is none. proc(5) */
  processStartTicks(pid: number): Promise<bigint>;
  /**
   * Makes orphans below this process its children. Node does not know of them: each has to be waited for and reaped by
   * its handle, or stays a zombie. prctl(2), PR_SET_CHILD_SUBREAPER
   */
  setSubreaper(enabled: boolean): void;

  /** A new incremental SHA-256. */
  createHasher(): Hasher;
  /**
   * The extended attributes of `name`, in bytes, in an open directory: of a symbolic link itself. Works at once and not
   * off the event loop: for worker threads. llistxattr(2), lgetxattr(2)
   */
  extendedAttributes(directoryFd: number, name: Uint8Array): Map<string, Buffer>;
  /** The digest (`sha256:…`) and size of a regular file. */
  hashFile(path: string, options?: Cancellable): Promise<{ digest: string; sizeBytes: number }>;

  /**
   * Unpacks a layer (tar; plain, gzip or zstd) into a directory as containerd does, hashing it on the way. No entry can
   * read or change anything outside the directory. Nothing is synced, and after a failure what was written so far
   * stays for the caller to remove. invalid-argument for an entry that is refused, data-loss for damaged data,
   * resource-exhausted when a limit or the disk is reached. tar(5), openat2(2)
   */
  applyLayer(options: ApplyLayerOptions, cancel?: Cancellable): Promise<AppliedLayer>;
}

/** The kernel of this machine. */
export const sys: Sys = {
  mount,
  mountAll,
  unmount,
  unmountAll,
  unmountRecursive,
  mountInfo: readMountInfo,
  makeDirectories: (directories) =>
    native(() => binding().makeDirectories(directories.flatMap(({ path, mode }) => [path, mode.toString(8)]))),
  spreadDirectories: (path) => native(() => binding().spreadDirectories(path)),
  syncPath: (path) => native(() => binding().syncPath(path)),
  syncFileSystem: (path) => native(() => binding().syncFileSystem(path)),
  makeFifo: (path, mode) => native(() => binding().makeFifo(path, mode)),
  makePipe,
  lockFile,
  readFileInRoot: (root, path, maxBytes) => native(() => binding().readFileInRoot(root, path, maxBytes)),
  removeTree: (path, options) => cancellable(options?.signal, (cancel) => binding().removeTree(path, cancel)),
  removeEntries: (directory, names, options) =>
    cancellable(options?.signal, (cancel) => binding().removeEntries(directory, names, cancel)),
  diskUsage: (path, options) => cancellable(options?.signal, (cancel) => binding().diskUsage(path, cancel)),
  peerCredentials: (fd) => nativeSync(() => binding().peerCredentials(fd), `descriptor ${fd}`),
  openProcess: (pid) => new ProcessHandle(pid),
  joinCgroup: (directory) => native(() => binding().joinCgroup(join(directory, 'cgroup.procs'))),
  runProgram,
  processStartTicks,
  setSubreaper: (enabled) => nativeSync(() => binding().setSubreaper(enabled)),
  applyLayer,
  createHasher: () => new Hasher(),
  extendedAttributes,
  hashFile: async (path, options) => {
    const { hex, sizeBytes } = await cancellable(options?.signal, (cancel) => binding().hashFile(path, cancel));
    return { digest: `sha256:${hex}`, sizeBytes };
  },
};
