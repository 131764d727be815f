import { binding } from './binding.ts';
import { cancellable } from './cancel.ts';
import type { ProcessExit } from './process-handle.ts';

/** What to run. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its working directory. */
  readonly directory: string;
  /** What it can read; nothing if absent. */
  readonly input?: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** Of each of its outputs only so many bytes are kept. */
  readonly maxOutputBytes: number;
}

/** What came of it. */
export interface ProgramResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Absent if it was killed because its time was up. */
  readonly exit?: ProcessExit;
}

/** See `Sys.runProgram`. */
export async function runProgram(
  program: Program,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ProgramResult> {
  const { path, directory, timeoutMs, maxOutputBytes } = program;
  const argv = [path, ...program.args];
  const environment: string[] = [];
  for (const [name, value] of Object.entries(program.env)) {
    if (value !== undefined) environment.push(`${name}=${value}`);
  }
  const input = program.input ?? null;
  const {
    stdout,
    stderr,
    code,
    signal: killedBy,
  } = await cancellable(signal, (cancel) =>
    binding().runProgram(path, argv, environment, directory, input, timeoutMs, maxOutputBytes, cancel),
  );
  if (code !== undefined) return { stdout, stderr, exit: { code } };
  return killedBy === undefined ? { stdout, stderr } : { stdout, stderr, exit: { signal: killedBy } };
}
