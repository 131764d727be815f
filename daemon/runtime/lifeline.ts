import { closeSync, fstatSync } from 'node:fs';
import type { ProcessHandle, Sys } from '../../native/sys.ts';
import type { TaskRecord } from './task-record.ts';

/** What lifelines need of the kernel. */
export type LifelineSys = Pick<Sys, 'openProcess' | 'processStartTicks'>;

/** An open file that the daemon holds for a container, as `gantry.shim.v1.Descriptor` numbers them. */
export interface Held {
  readonly role: number;
  readonly fd: number;
}

/** Roles below this one belong to standard input. */
const firstOutputRole = 3;
/** Where the container's output and errors are read from. */
const outputs: readonly number[] = [3, 6];

/**
 * What the daemon holds so that a container outlives its shim: handles of the shim and of the container's first process,
 * and copies of the open files that carry its streams. Without the copies the container would be sent SIGPIPE, read the end
 * of its input or lose its terminal at the moment the shim dies, and a client would take the end of its FIFO for the end
 * of the output.
 */
export class Lifeline implements Disposable {
  /** The shim, to be noticed at once when it dies. */
  readonly shim: ProcessHandle;
  /** Opened while the process lives, which the kernel remembers its exit status for. Undefined if it has ended. */
  readonly init: ProcessHandle | undefined;
  #held: Held[];

  private constructor(shim: ProcessHandle, init: ProcessHandle | undefined, held: Held[]) {
    this.shim = shim;
    this.init = init;
    this.#held = held;
  }

  /** Takes hold of all that a record names and that is still there; undefined if the shim is gone. */
  static take(record: TaskRecord, sys: LifelineSys): Lifeline | undefined {
    const shim = open(record.shimPid, sys);
    if (shim === undefined) return undefined;
    const held = record.descriptors.flatMap(({ role, fd, device, inode }): Held[] => {
      const copy = copyOf(shim, fd, { device, inode });
      return copy === undefined ? [] : [{ role, fd: copy }];
    });
    return new Lifeline(shim, open(record.pid, sys), held);
  }

  get held(): readonly Held[] {
    return this.#held;
  }

  /** The client wants the container to read the end of its input. */
  dropInput(): void {
    this.#drop(({ role }) => role < firstOutputRole);
  }

  /**
   * The first process has ended: a client waits for the end of its FIFOs now. What the container has written and nobody
   * has read yet stays.
   */
  dropClient(): void {
    this.#drop(({ role }) => !outputs.includes(role));
  }

  [Symbol.dispose](): void {
    this.#drop(() => true);
    this.shim.close();
    this.init?.close();
  }

  #drop(isDropped: (held: Held) => boolean): void {
    for (const held of this.#held) if (isDropped(held)) closeSync(held.fd);
    this.#held = this.#held.filter((held) => !isDropped(held));
  }
}

function open(pid: number, sys: LifelineSys): ProcessHandle | undefined {
  try {
    return sys.openProcess(pid);
  } catch {
    return undefined;
  }
}

/** Undefined if the process has closed it, and perhaps used its number for something else. */
function copyOf(process: ProcessHandle, fd: number, file: { device: number; inode: number }): number | undefined {
  let copy: number;
  try {
    copy = process.copyDescriptor(fd);
  } catch {
    return undefined;
  }
  const { dev, ino } = fstatSync(copy);
  if (dev === file.device && ino === file.inode) return copy;
  closeSync(copy);
  return undefined;
}
