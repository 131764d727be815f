import { GantryError, messageOf } from './errors.ts';

/** Undoing gets its own time, whatever became of the caller: a cancelled request still cleans up after itself. */
const undoBudgetMs = 10_000;

type Undo = (signal: AbortSignal) => Promise<void> | void;

/**
 * Collects how to take back each step of a multi-step operation. After a failure `run` takes the steps back in reverse
 * order; `disarm` on success forgets them. Failing to undo never hides the first failure: both are in the message.
 */
export class UndoStack {
  #steps: { what: string; undo: Undo }[] = [];

  /** Remembers how to take back the step just done; `what` completes "could not …". */
  push(what: string, undo: Undo): void {
    this.#steps.push({ what, undo });
  }

  /** The operation succeeded: nothing will be taken back. */
  disarm(): void {
    this.#steps = [];
  }

  /** Takes everything back and returns the error to throw: `failure`, with the undo failures added if there were any. */
  async run(failure: unknown): Promise<unknown> {
    const signal = AbortSignal.timeout(undoBudgetMs);
    const problems: string[] = [];
    for (const { what, undo } of this.#steps.splice(0).reverse()) {
      try {
        await undo(signal);
      } catch (error) {
        problems.push(`could not ${what}: ${messageOf(error)}`);
      }
    }
    if (problems.length === 0) return failure;
    const kind = failure instanceof GantryError ? failure.kind : 'unknown';
    return new GantryError(kind, `${messageOf(failure)} (clean-up failed: ${problems.join('; ')})`, { cause: failure });
  }
}

/** Runs `body` with an undo stack that is run if it throws and disarmed if it returns. */
export async function withUndo<T>(body: (undo: UndoStack) => Promise<T>): Promise<T> {
  const undo = new UndoStack();
  try {
    const result = await body(undo);
    undo.disarm();
    return result;
  } catch (error) {
    throw await undo.run(error);
  }
}
