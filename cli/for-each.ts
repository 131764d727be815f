import { messageOf } from '../base/errors.ts';
import type { Cli } from './action.ts';
import { printJson } from './output/print.ts';
import { oneLine } from './output/text.ts';

/**
 * Does something to each of a command's arguments, going on after a failure. Prints a line for each result, or all of
 * them as JSON; failures are one line each, and make the exit status 1.
 */
export async function forEach<Result extends object>(
  cli: Cli,
  names: readonly string[],
  work: (name: string) => Promise<Result>,
  lineOf: (result: Result) => string,
): Promise<number> {
  const results: Result[] = [];
  let failures = 0;
  for (const name of names) {
    try {
      const result = await work(name);
      results.push(result);
      if (!cli.json) process.stdout.write(`${oneLine(lineOf(result))}\n`);
    } catch (error) {
      failures += 1;
      process.stderr.write(`gantry: ${oneLine(messageOf(error))}\n`);
    }
  }
  if (cli.json) printJson(results);
  return failures === 0 ? 0 : 1;
}
