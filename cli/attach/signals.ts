import { constants } from 'node:os';
import { GantryError } from '../../base/errors.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM']);
/** A first process without a handler ignores signals; whoever insists means it. */
const insistence = 3;

/**
 * Passes signals that this process gets on to a container's process. While that is being prepared they abort `signal`, so
 * that what was made until then is taken back; while it is being started they wait for it.
 */
export class SignalRelay implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = (name: NodeJS.Signals) => this.#receive(name);
  #waiting: NodeJS.Signals[] | undefined;
  #send: ((signal: number) => void) | undefined;
  #endings = 0;

  constructor() {
    for (const name of forwarded) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on the process may exist without our knowing it: signals are kept for it. */
  hold(): void {
    this.#waiting = [];
  }

  /** From now on signals go to `send`, those that were kept first. */
  relayTo(send: (signal: number) => void): void {
    this.#send = send;
    for (const name of this.#waiting?.splice(0) ?? []) this.#pass(name);
  }

  [Symbol.dispose](): void {
    for (const name of forwarded) process.off(name, this.#onSignal);
  }

  #receive(name: NodeJS.Signals): void {
    if (ending.has(name)) this.#endings += 1;
    if (this.#send !== undefined) this.#pass(name);
    else if (this.#waiting !== undefined && this.#endings < insistence) this.#waiting.push(name);
    else this.#controller.abort(new GantryError('canceled', `interrupted by ${name}`));
  }

  #pass(name: NodeJS.Signals): void {
    this.#send?.(this.#endings >= insistence ? constants.signals.SIGKILL : constants.signals[name]);
  }
}
