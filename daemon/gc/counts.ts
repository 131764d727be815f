/** How often each text was added and not removed again. */
export class Counts {
  readonly #counts = new Map<string, number>();

  has(text: string): boolean {
    return this.#counts.has(text);
  }

  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  remove(text: string): void {
    const others = (this.#counts.get(text) ?? 0) - 1;
    if (others > 0) this.#counts.set(text, others);
    else this.#counts.delete(text);
  }
}
