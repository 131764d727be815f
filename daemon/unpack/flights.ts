import { abortable } from '../../base/signals.ts';

interface Flight {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  readonly left: PromiseWithResolvers<void>;
  isDone: boolean;
  waiters: number;
}

/** Work for one of those who wait for it. */
export interface Passenger {
  readonly signal: AbortSignal;
  /** Does the work; its signal is aborted when nobody waits any more. Not called if somebody else does it already. */
  readonly start: (signal: AbortSignal) => Promise<void>;
  /** What there is to do for this one when the work is done; until then it counts as waiting. */
  readonly arrive: () => Promise<void>;
}

/** Of equal work asked for several times at once, does one, and lets all wait for it. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  /**
   * Waits for the work of that key. Giving up does not disturb the others; the last one to do so waits until the work has
   * stopped.
   * @returns `arrived`, for this one alone; `done`, whoever waits; and `left` if the work was started here: resolved when it
   * is done and nobody waits for it
   */
  join(key: string, passenger: Passenger): { arrived: Promise<void>; done: Promise<void>; left?: Promise<void> } {
    const known = this.#flights.get(key);
    const flight = known ?? this.#start(key, passenger.start);
    flight.waiters += 1;
    const arrived = this.#wait(key, flight, passenger);
    const { done } = flight;
    return known === undefined ? { arrived, done, left: flight.left.promise } : { arrived, done };
  }

  #start(key: string, start: Passenger['start']): Flight {
    const controller = new AbortController();
    const done = start(controller.signal).finally(() => {
      flight.isDone = true;
      this.#forget(key, flight);
    });
    const flight: Flight = { controller, done, left: Promise.withResolvers(), isDone: false, waiters: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  async #wait(key: string, flight: Flight, { signal, arrive }: Passenger): Promise<void> {
    try {
      await abortable(flight.done, signal);
      await arrive();
    } finally {
      flight.waiters -= 1;
      if (flight.waiters === 0) {
        // Who comes now starts anew: what is being given up is of no use.
        this.#forget(key, flight);
        if (!flight.isDone) flight.controller.abort(signal.reason);
        await flight.done.catch(() => undefined);
        flight.left.resolve();
      }
    }
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
