import { isKind, messageOf } from '../base/errors.ts';

/** Exit statuses of `run` and `exec` that are not the container's, as docker has them. */
const failed = 125;
const cannotExecute = 126;
const commandNotFound = 127;

/**
 * What `run` and `exec` exit with when no process came to be. The runtime reports all its failures alike, so whether it was
 * the command is only in its words.
 */
export function startFailureStatus(error: unknown): number {
  const message = messageOf(error);
  const isAboutCommand = /\bexec(?:_?process| failed|ing)?\b.*:/.test(message) && !isKind(error, 'not-found');
  if (!isAboutCommand) return failed;
  if (/executable file not found in \$PATH|no such file or directory/.test(message)) return commandNotFound;
  if (/permission denied|is a directory|not a directory|exec format error/.test(message)) return cannotExecute;
  return failed;
}
