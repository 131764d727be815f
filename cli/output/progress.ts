/** A line of progress on standard error that is written over itself; silent where there is no terminal to watch it. */
export class Progress implements Disposable {
  readonly #enabled: boolean;
  #isShown = false;
  #shownAtMs = 0;

  constructor({ json }: { json: boolean }) {
    this.#enabled = !json && process.stderr.isTTY === true;
  }

  /** Shows a text at most ten times a second; `always` shows it at once. */
  show(text: string, always = false): void {
    const nowMs = performance.now();
    if (!this.#enabled || (!always && nowMs - this.#shownAtMs < 100)) return;
    this.#shownAtMs = nowMs;
    this.#isShown = true;
    process.stderr.write(`\r\u001b[K${text}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K');
    this.#isShown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
