import type { TransferProgress } from '../../../client/transfer/progress.ts';
import { renderTransfer } from './render.ts';
import type { TransferState } from './state.ts';

/** What is drawn on: a terminal. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

const redrawMs = 100;

/** A transfer drawn on a terminal over its own lines, at most ten times a second, until it is disposed; then it is gone. */
export class LiveTransfer implements Disposable {
  readonly #title: string;
  readonly #screen: Screen;
  readonly #state: TransferState;
  #lineCount = 0;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param state is told of the events, and drawn */
  constructor(title: string, state: TransferState, screen: Screen) {
    this.#title = title;
    this.#state = state;
    this.#screen = screen;
  }

  update(event: TransferProgress): void {
    const nowMs = performance.now();
    this.#state.update(event, nowMs);
    const waitMs = this.#drawnAtMs + redrawMs - nowMs;
    if (waitMs <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), waitMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (this.#lineCount > 0) this.#screen.write(this.#back());
    this.#lineCount = 0;
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const nowMs = performance.now();
    this.#drawnAtMs = nowMs;
    const { columns, rows } = this.#screen;
    const lines = renderTransfer(this.#title, this.#state, { columns: columns || 80, rows: rows || 24 }, nowMs);
    this.#screen.write(`${this.#back()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#lineCount = lines.length;
  }

  /** To where drawing began, with all below cleared. */
  #back(): string {
    return this.#lineCount === 0 ? '' : `\u001b[${this.#lineCount}A\r\u001b[J`;
  }
}
