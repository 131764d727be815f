import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { buildFolder, repository } from '../helpers/paths.ts';

const corpora = join(repository, 'shim/test/fuzz/corpus');
const buildMs = 600_000;

beforeAll(() => execa('make', ['-s', '-C', join(repository, 'shim'), 'fuzz'], { stdin: 'ignore' }), buildMs);

for (const target of ['attach', 'decode', 'log', 'options', 'ttrpc']) {
  test(`the shim bears all that fuzzing has kept for ${target}`, { timeout: 60_000 }, async () => {
    const files = readdirSync(join(corpora, target)).map((name) => join(corpora, target, name));
    expect(files.length).toBeGreaterThan(20);
    const { stdout } = await execa(join(buildFolder, 'shim', `fuzz-${target}`), files, { stdin: 'ignore' });
    expect(stdout).toBe(`${files.length} runs`);
  });
}
