import { GantryError } from '../../base/errors.ts';

const rememberedMs = 60_000;
const maxHosts = 1_000;

/** Hosts that could not be reached lately, so that a dead mirror costs its time once and not for each blob. */
export class HostFailures {
  readonly #failures = new Map<string, { readonly error: GantryError; readonly atMs: number }>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that only goes forward */
  constructor({ now = () => performance.now() }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  /** Remembers that the host could not be reached. */
  note(host: string, error: GantryError): void {
    this.#failures.delete(host);
    this.#failures.set(host, { error, atMs: this.#now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maxHosts && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** The host answers. */
  clear(host: string): void {
    this.#failures.delete(host);
  }

  /** Why not to ask the host now, if it has another to stand in for it. */
  recent(host: string): GantryError | undefined {
    const failure = this.#failures.get(host);
    if (failure === undefined) return undefined;
    const agoMs = this.#now() - failure.atMs;
    if (agoMs > rememberedMs) {
      this.#failures.delete(host);
      return undefined;
    }
    const { kind, message } = failure.error;
    return new GantryError(kind, `not asked, as ${Math.round(agoMs / 1_000)} s ago: ${message}`, {
      cause: failure.error,
    });
  }
}
