import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GantryError } from '../base/errors.ts';

/** An opaque handle made by the addon. */
export type Handle = object & { readonly __handle?: never };

/** The first word is set to anything but 0 to give up on work in progress. */
export type CancelWord = Int32Array;

/** The addon's functions as they are: see the comments above each in `src/`. Only `native/` calls them. */
export interface Binding {
  fsMount(type: string, parameters: string[], target: string, attributes: number): Promise<void>;
  bindMount(
    source: string,
    target: string,
    recursive: boolean,
    set: number,
    clear: number,
    uidMap: string | null,
    gidMap: string | null,
  ): Promise<void>;
  classicMount(
    source: string,
    target: string,
    type: string,
    flags: number,
    data: string | null,
    directory: string | null,
  ): Promise<void>;
  unmount(target: string, flags: number): Promise<void>;
  closeDescriptor(fd: number): void;
  makeDirectories(pairs: string[]): Promise<void>;
  spreadDirectories(path: string): Promise<boolean>;
  syncPath(path: string): Promise<void>;
  syncFileSystem(path: string): Promise<void>;
  makeFifo(path: string, mode: number): Promise<void>;
  makePipe(): [number, number];
  lockFile(path: string): Promise<number>;
  readFileInRoot(root: string, path: string, maxBytes: number): Promise<Buffer>;
  removeTree(path: string, cancel: CancelWord): Promise<void>;
  removeEntries(directory: string, names: readonly string[], cancel: CancelWord): Promise<void>;
  diskUsage(path: string, cancel: CancelWord): Promise<{ sizeBytes: number; inodes: number }>;
  peerCredentials(fd: number): { pid: number; uid: number; gid: number };
  pidfdOpen(pid: number): number;
  pidfdSignal(pidfd: number, signal: number): void;
  pidfdCopyDescriptor(pidfd: number, fd: number): number;
  pidfdReap(pidfd: number): { code: number } | { signal: number } | undefined;
  setSubreaper(enabled: boolean): void;
  joinCgroup(path: string): Promise<void>;
  runProgram(
    path: string,
    argv: readonly string[],
    environment: readonly string[],
    directory: string,
    input: Uint8Array | null,
    timeoutMs: number,
    maxOutputBytes: number,
    cancel: CancelWord,
  ): Promise<{ stdout: Buffer; stderr: Buffer; code?: number; signal?: number }>;
  pidfdWait(pidfd: number): Promise<void>;
  pidfdWaitCancel(pidfd: number): void;
  hashCreate(): Handle;
  hashDigest(hash: Handle): string;
  hashUpdate(hash: Handle, bytes: Uint8Array): Promise<void>;
  hashWrite(hash: Handle, fd: number, bytes: Uint8Array, position: number): Promise<void>;
  applyLayer(
    path: string | null,
    fd: number,
    offset: number,
    length: number,
    growthFd: number,
    compression: number,
    target: string,
    whiteoutMode: number,
    parents: readonly string[],
    maxEntries: number,
    maxNameBytes: number,
    maxSizeBytes: number,
    maxRatio: number,
    cancel: CancelWord,
  ): Promise<{
    diffId: string;
    compressedDigest: string;
    sizeBytes: number;
    compressedSizeBytes: number;
    entries: number;
    impliedDirectories: number;
    opaqueRoot: boolean;
  }>;
  extendedAttributes(directory: number, name: Uint8Array): (string | Buffer)[];
  hashFile(path: string, cancel: CancelWord): Promise<{ hex: string; sizeBytes: number }>;
}

let loaded: Binding | undefined;

/**
 * The native addon, loaded at the first call so that programs which need no system call start without it.
 * @throws GantryError failed-precondition if it has not been built
 */
export function binding(): Binding {
  loaded ??= load();
  return loaded;
}

function load(): Binding {
  const here = dirname(fileURLToPath(import.meta.url));
  // Bundled code lies beside the addon in build/; the source of this file lies in native/.
  const candidates = [join(here, 'gantry.node'), join(here, '..', 'build', 'gantry.node')];
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new GantryError(
      'failed-precondition',
      `native addon ${candidates[1]} is not built: run "make -C native" (see docs for the packages it needs)`,
    );
  }
  const module = { exports: {} as Binding };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    throw new GantryError('failed-precondition', `native addon ${path} cannot be loaded`, { cause });
  }
  return module.exports;
}
