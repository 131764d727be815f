import { constants } from 'node:os';
import { GantryError } from '../../base/errors.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM']);
/** A first process without a handler ignores signals; whoever insists means it. */
const insistence = 3;

/**
 * Passes signals that this process gets on to a container's process. Before there is one they abort `signal`, so that what
 * was made until then is taken back.
 */
export class SignalRelay implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = (name: NodeJS.Signals) => this.#receive(name);
  #send: ((signal: number) => void) | undefined;
  #endings = 0;

  constructor() {
    for (const name of forwarded) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on signals go to `send`. */
  relayTo(send: (signal: number) => void): void {
    this.#send = send;
  }

  [Symbol.dispose](): void {
    for (const name of forwarded) process.off(name, this.#onSignal);
  }

  #receive(name: NodeJS.Signals): void {
    if (this.#send === undefined) {
      this.#controller.abort(new GantryError('canceled', `interrupted by ${name}`));
      return;
    }
    if (ending.has(name)) this.#endings += 1;
    this.#send(this.#endings >= insistence ? constants.signals.SIGKILL : constants.signals[name]);
  }
}
