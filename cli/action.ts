import type { Command } from 'commander';
import { messageOf } from '../base/errors.ts';
import { type Client, connect } from '../client/client.ts';
import { type Globals, readGlobals } from './globals.ts';
import { oneLine } from './output/text.ts';

/** What a command's code works with. */
export interface Cli extends Globals {
  readonly client: Client;
}

/** How a failure of a command is told. */
export interface Failure {
  /** One line. */
  readonly message: string;
  readonly status: number;
}

const defaultFailure = (error: unknown): Failure => ({ message: messageOf(error), status: 1 });

type Handler<Args extends unknown[], Options> = (
  cli: Cli,
  options: Options,
  ...args: Args
) => Promise<number | undefined>;

/**
 * Makes `handler` what `command` does. It returns the exit status, 0 if it returns nothing; what it throws becomes one line
 * on standard error and the status that `toFailure` gives it.
 */
export function act<Args extends unknown[], Options extends object>(
  command: Command,
  handler: Handler<Args, Options>,
  toFailure: (error: unknown) => Failure = defaultFailure,
): void {
  command.action(async (...given: unknown[]) => {
    // commander adds the options and the command to the arguments.
    const args = given.slice(0, -2) as Args;
    const globals = readGlobals(command.optsWithGlobals(), process.env);
    using client = connect(globals);
    try {
      process.exitCode = (await handler({ ...globals, client }, command.opts<Options>(), ...args)) ?? 0;
    } catch (error) {
      const { message, status } = toFailure(error);
      process.stderr.write(`gantry: ${oneLine(message)}\n`);
      process.exitCode = status;
    }
  });
}
