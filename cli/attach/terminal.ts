import { invalidArgument } from '../../base/errors.ts';
import type { TerminalSize } from '../../client/spec/build.ts';

/** The size of our own terminal; undefined when standard output is none. */
export function terminalSize(): TerminalSize | undefined {
  const { isTTY, columns, rows } = process.stdout;
  return isTTY && columns > 0 && rows > 0 ? { columns, rows } : undefined;
}

/** @throws GantryError invalid-argument when a terminal is to be typed at but standard input is none */
export function checkTerminal({ terminal, interactive }: { terminal: boolean; interactive: boolean }): void {
  if (terminal && interactive && !process.stdin.isTTY) {
    throw invalidArgument('standard input is not a terminal: leave out --tty, or --interactive');
  }
}

/**
 * Our terminal in raw mode, every key going to the container, until disposed. The modes are put back however this process
 * ends, short of SIGKILL.
 */
export function rawTerminal(): Disposable {
  const restore = () => {
    process.stdin.setRawMode(false);
    process.off('exit', restore);
  };
  process.stdin.setRawMode(true);
  process.on('exit', restore);
  return { [Symbol.dispose]: restore };
}
