/** Entries kept; the oldest go first. Far more than processes can end while a repeated event is on its way. */
const capacity = 16_384;

/** Which process of which container ended. */
export interface ProcessKey {
  readonly namespace: string;
  readonly containerId: string;
  /** The exec's id; the container's own id or nothing stands for its first process. */
  readonly execId: string;
}

/**
 * Remembers which exits have been told, so that each is told once although three may know of it: the shim, which repeats
 * an event until it is acknowledged; the daemon, which notices that a shim is gone; and recovery after a restart.
 */
export class ExitLedger {
  readonly #pids = new Map<string, number>();

  /** True the first time that process is named, false from then on. */
  record(process: ProcessKey, pid: number): boolean {
    const key = keyOf(process);
    if (this.#pids.get(key) === pid) return false;
    this.#pids.delete(key);
    this.#pids.set(key, pid);
    if (this.#pids.size > capacity) {
      const oldest = this.#pids.keys().next();
      if (oldest.done === false) this.#pids.delete(oldest.value);
    }
    return true;
  }

  /** Whether an exit of that process id has been told. */
  has(process: ProcessKey): boolean {
    return this.#pids.has(keyOf(process));
  }

  /** A new process takes that name: its exit will be news even if the kernel gives it the old process id. */
  forget(process: ProcessKey): void {
    this.#pids.delete(keyOf(process));
  }

  get size(): number {
    return this.#pids.size;
  }
}

function keyOf({ namespace, containerId, execId }: ProcessKey): string {
  return [namespace, containerId, execId === containerId ? '' : execId].join('\0');
}
