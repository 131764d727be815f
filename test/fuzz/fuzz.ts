import { expect, test } from 'vitest';
import { Random } from '../helpers/random.ts';

/** Long enough to hit what is easy to hit; GANTRY_FUZZ_SECONDS makes every property run longer. */
const defaultSeconds = 2;

const budgetMs = Number(process.env['GANTRY_FUZZ_SECONDS'] ?? defaultSeconds) * 1_000;
const firstSeed = Number(process.env['GANTRY_FUZZ_SEED'] ?? 1);
/** Beyond the budget itself: setting up, and the last round. */
const slackMs = 60_000;

/**
 * Declares a property: `round` must hold for every seed. Seeds are tried one after another, from 1 or GANTRY_FUZZ_SEED,
 * until the time is up; a failure names the seed, with which it can be repeated.
 */
export function property(name: string, round: (random: Random) => Promise<void> | void): void {
  test(
    name,
    async () => {
      const endsAtMs = performance.now() + budgetMs;
      let seed = firstSeed;
      do {
        try {
          await round(new Random(seed));
        } catch (error) {
          throw new Error(`fails with GANTRY_FUZZ_SEED=${seed}`, { cause: error });
        }
        seed += 1;
      } while (performance.now() < endsAtMs);
      expect(seed).toBeGreaterThan(firstSeed);
    },
    budgetMs + slackMs,
  );
}

/** Pieces of text that have broken somebody's parser. */
const nasty = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '/',
    '../..',
    '\\',
    '\0',
    '\n',
    '\t',
    '"',
    "'",
    '`',
    '%s',
    '%00',
    '$(id)',
    '-',
    '_',
    ',',
    '|',
  ],
  ...[
    'a',
    'b',
    'z9',
    'A.b-c_d',
    'sha256:',
    'é',
    '日本',
    '\u{1f600}',
    '\u202e',
    '\ufeff',
    '\uffff',
    '=',
    '==',
    '~=',
    '!=',
  ],
  ...['labels', 'labels.', 'id', 'name', '__proto__', 'constructor', 'toString', 'x'.repeat(76), 'x'.repeat(77)],
];

/** Text that is mostly wrong for whatever it is meant to be. */
export function anyText(random: Random, maxPieces = 4): string {
  const pieces = random.below(maxPieces + 1);
  return Array.from({ length: pieces }, () =>
    random.below(4) === 0 ? String.fromCodePoint(random.below(0xd800)) : random.pick(nasty),
  ).join('');
}

/** Text that is mostly right as a name. */
export function anyName(random: Random): string {
  return random.below(3) === 0 ? anyText(random) : random.pick(['a', 'b', 'c-1', 'd.e', 'f_2']);
}
