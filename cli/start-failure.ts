import type { Command } from 'commander';
import { messageOf } from '../base/errors.ts';
import type { Failure } from './action.ts';

/** Exit statuses of `run` and `exec` that are not the container's, as docker has them. */
const failed = 125;
const cannotExecute = 126;
const commandNotFound = 127;

/**
 * Why no process came to be. The runtime reports all its failures alike, after the names of everyone who passed it on, so
 * only its words tell whether it was the command.
 */
export function toStartFailure(error: unknown): Failure {
  const message = messageOf(error);
  const [, command, reason] = /\bexec: (".*?"): (.*?)(?:: unknown)?$/s.exec(message) ?? [];
  if (command === undefined || reason === undefined) return { message, status: failed };
  const told = `cannot run ${command}: ${reason}`;
  if (/executable file not found in \$PATH|no such file or directory/.test(reason)) {
    return { message: told, status: commandNotFound };
  }
  if (/permission denied|is a directory|not a directory|exec format error/.test(reason)) {
    return { message: told, status: cannotExecute };
  }
  return { message, status: failed };
}

/** A command line that cannot be read is no container's exit status either. */
export function failOnUsage(command: Command): void {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : failed));
}
