import { createInterface } from 'node:readline/promises';
import { GantryError, invalidArgument } from '../../base/errors.ts';

const secretMaxLength = 64 * 1024;

/**
 * Asks for a line on the terminal.
 * @throws GantryError invalid-argument when standard input is no terminal; canceled when the user gives up
 */
export async function askLine(question: string): Promise<string> {
  requireTerminal();
  // The terminal edits the line itself.
  using terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const closed = new Promise<never>((_, reject) => terminal.once('close', () => reject(canceled())));
  return await Promise.race([terminal.question(question), closed]);
}

/** As `askLine`, but what is typed is not shown. */
export async function askSecret(question: string): Promise<string> {
  requireTerminal();
  process.stderr.write(question);
  // The modes are put back however this process ends, short of SIGKILL.
  const restore = () => process.stdin.setRawMode(false);
  process.once('exit', restore);
  process.stdin.setRawMode(true);
  try {
    return await readKeys();
  } finally {
    process.off('exit', restore);
    restore();
    process.stdin.pause();
    process.stderr.write('\n');
  }
}

/** All of standard input as one secret, without the end of its last line. */
export async function readSecret(): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > secretMaxLength) throw invalidArgument('standard input is too long for a password');
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** What is typed until Enter; Backspace and Ctrl-U work. */
function readKeys(): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void) => {
      process.stdin.off('data', onData).off('end', onEnd);
      settle();
    };
    const onEnd = () => end(() => reject(canceled()));
    const onData = (text: string) => {
      for (const key of text) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed.join('')));
        if (key === '\u0003' || (key === '\u0004' && typed.length === 0)) return onEnd();
        if (key === '\u007f' || key === '\b') typed.pop();
        else if (key === '\u0015') typed = [];
        else if (key >= ' ' && typed.length < secretMaxLength) typed.push(key);
      }
    };
    process.stdin.setEncoding('utf8').on('data', onData).on('end', onEnd).resume();
  });
}

function requireTerminal(): void {
  if (!process.stdin.isTTY)
    throw invalidArgument('standard input is not a terminal: give what is asked for by options');
}

function canceled(): GantryError {
  return new GantryError('canceled', 'given up');
}
