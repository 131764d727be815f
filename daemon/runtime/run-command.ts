import { constants } from 'node:os';
import { GantryError, messageOf } from '../../base/errors.ts';
import { type ProcessExit, type Program, type ProgramResult, sys } from '../../native/sys.ts';

/** Output beyond this many bytes is dropped: a shim's answer is a few hundred. */
const maxOutputBytes = 64 << 10;

/** What to run. */
export interface Command {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the command reads; nothing if absent. */
  readonly stdin?: Uint8Array | undefined;
  /** After this time the command's whole process group is killed. */
  readonly timeoutMs: number;
}

/** How a command ended. */
export interface CommandResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Empty if it exited with 0, else in the words of `exit status 1` or `signal: SIGKILL`. */
  readonly failure: string;
}

/**
 * Runs a command in a process group of its own, with bounded time and output.
 * @throws GantryError unknown if it cannot be started, deadline-exceeded if it took too long, canceled by the signal
 */
export async function runCommand(
  command: Command,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<CommandResult> {
  const { path, args, cwd, env, stdin, timeoutMs } = command;
  const program = { path, args, env, directory: cwd, input: stdin, timeoutMs, maxOutputBytes };
  const { stdout, stderr, exit } = await run(program, options);
  if (exit === undefined) {
    const output = stderr.toString().trim();
    throw new GantryError('deadline-exceeded', `${path} did not end within ${timeoutMs} ms${output && `: ${output}`}`);
  }
  return { stdout, stderr, failure: failureOf(exit) };
}

async function run(program: Program, options: { signal?: AbortSignal | undefined }): Promise<ProgramResult> {
  try {
    return await sys.runProgram(program, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new GantryError('unknown', `cannot run ${program.path}: ${messageOf(error)}`, { cause: error });
  }
}

function failureOf(exit: ProcessExit): string {
  if ('code' in exit) return exit.code === 0 ? '' : `exit status ${exit.code}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === exit.signal)?.[0];
  return `signal: ${name ?? exit.signal}`;
}
