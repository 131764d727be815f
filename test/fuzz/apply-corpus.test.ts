import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { buildFolder, repository } from '../helpers/paths.ts';

const corpus = join(repository, 'test/fuzz/apply-corpus');
const buildMs = 120_000;

test(
  'every layer that fuzzing has kept is applied without a fault, and nothing beside it is touched',
  async () => {
    await execa('make', ['-s', '-C', join(repository, 'native'), 'fuzz-apply'], { stdin: 'ignore' });
    const { stdout } = await execa(join(buildFolder, 'fuzz-apply'), [corpus], { stdin: 'ignore' });
    const count = readdirSync(corpus).length;
    expect(count).toBeGreaterThan(100);
    expect(stdout).toBe(`${count} runs`);
  },
  buildMs,
);
