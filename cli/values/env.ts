import { invalidArgument } from '../../base/errors.ts';

/**
 * Environment entries for a process from `--env` values: `KEY=value` as it is, a bare `KEY` with its value here, or as a
 * removal where it has none.
 * @throws GantryError invalid-argument for an empty key
 */
export function parseEnv(values: readonly string[], here: NodeJS.ProcessEnv): string[] {
  return values.map((value) => {
    if (value === '' || value.startsWith('=')) throw invalidArgument(`environment entry "${value}" has no name`);
    const inherited = here[value];
    return value.includes('=') || inherited === undefined ? value : `${value}=${inherited}`;
  });
}
