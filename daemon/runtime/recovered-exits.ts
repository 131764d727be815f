import type { Bundle } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import type { Exits } from './exits.ts';

/**
 * Exits that happened while the daemon was down and wait to be told. A shim tells them itself as soon as it reaches the
 * daemon again; for one that has given up repeating, the daemon does after a while.
 */
export class RecoveredExits implements Disposable {
  readonly #exits: Exits;
  readonly #graceMs: number;
  readonly #stopped = new Map<string, { bundle: Bundle; exit: Exit }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: { exits: Exits }, options: { graceMs: number }) {
    this.#exits = deps.exits;
    this.#graceMs = options.graceMs;
  }

  /** A task that has ended and whose shim lives. */
  add(bundle: Bundle, exit: Exit): void {
    this.#stopped.set(bundle.path, { bundle, exit });
  }

  /** Somebody listens now. */
  start(): void {
    this.#timer = setTimeout(() => {
      for (const { bundle } of [...this.#stopped.values()]) this.announce(bundle);
    }, this.#graceMs);
    this.#timer.unref();
  }

  /** Tells a task's exit now if it is still waiting, as what comes next must not be told before it. */
  announce(bundle: Bundle): void {
    const waiting = this.#stopped.get(bundle.path);
    this.#stopped.delete(bundle.path);
    if (waiting !== undefined) this.#exits.announce(bundle, waiting.exit);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
