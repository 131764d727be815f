import { constants } from 'node:os';
import { invalidArgument } from '../base/errors.ts';
import { binding } from './binding.ts';
import { native, nativeSync } from './errno.ts';

/** How a child ended: its exit code, or the number of the signal that killed it. */
export type ProcessExit = { readonly code: number } | { readonly signal: number };

/**
 * A process held by descriptor: what is waited for or signalled is the process that had the id when the handle was
 * made, never a later one with the same id. Works for processes that are no children.
 */
export class ProcessHandle implements Disposable {
  readonly pid: number;
  #fd: number;
  #ended: Promise<void> | undefined;

  /** @throws GantryError not-found if there is no such process */
  constructor(pid: number) {
    this.pid = pid;
    this.#fd = nativeSync(() => binding().pidfdOpen(pid), `process ${pid}`);
  }

  /**
   * Resolves when the process has ended (it may still be a zombie, to be reaped by its parent).
   * @throws the signal's reason if it aborts first; GantryError canceled if the handle is closed
   */
  async wait({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    const fd = this.#open();
    const ended = this.#startWaiting(fd);
    if (signal === undefined) return ended;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([ended, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Sends a signal; 0 only asks whether that is possible.
   * @throws GantryError not-found if the process has ended and been reaped
   */
  kill(signal: NodeJS.Signals | number): void {
    const number = typeof signal === 'number' ? signal : constants.signals[signal];
    if (number === undefined) throw invalidArgument(`unknown signal ${signal}`);
    const fd = this.#open();
    nativeSync(() => binding().pidfdSignal(fd, number), `process ${this.pid}`);
  }

  /** The number of the descriptor, for another process to copy while the handle is open. */
  get descriptor(): number {
    return this.#open();
  }

  /**
   * A descriptor of our own for a file that the process has open, to be closed by the caller; closed on exec.
   * @throws GantryError not-found if the process has ended, invalid-argument (EBADF) if it has no such descriptor
   */
  copyDescriptor(fd: number): number {
    const own = this.#open();
    return nativeSync(() => binding().pidfdCopyDescriptor(own, fd), `descriptor ${fd} of process ${this.pid}`);
  }

  /**
   * Takes the exit status of a child that has ended, and with it the zombie; undefined if it still runs or is no child.
   * Only for children adopted as a subreaper: those that Node started are Node's to reap.
   */
  reap(): ProcessExit | undefined {
    const fd = this.#open();
    return nativeSync(() => binding().pidfdReap(fd), `process ${this.pid}`);
  }

  /** Lets go of the process. A wait in progress is rejected. */
  close(): void {
    if (this.#fd < 0) return;
    if (this.#ended !== undefined) binding().pidfdWaitCancel(this.#fd);
    const fd = this.#fd;
    this.#fd = -1;
    nativeSync(() => binding().closeDescriptor(fd), `process ${this.pid}`);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** All callers share one wait. */
  #startWaiting(fd: number): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = native(() => binding().pidfdWait(fd), `process ${this.pid}`);
      // Everyone waiting may have left by the time close() rejects it.
      this.#ended.catch(() => {});
    }
    return this.#ended;
  }

  #open(): number {
    if (this.#fd < 0) throw invalidArgument(`process ${this.pid}: handle is closed`);
    return this.#fd;
  }
}
