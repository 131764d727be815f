import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-binding-'));
});

afterEach(() => rm(directory, { recursive: true }));

test('bundled code finds the addon beside it', async () => {
  await build({
    stdin: {
      contents: "import { sys } from './native/sys.ts'; console.log((await sys.hashFile(process.argv[1])).digest);",
      resolveDir: repository,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(directory, 'bundle.mjs'),
    logLevel: 'silent',
  });
  await symlink(join(repository, 'build', 'gantry.node'), join(directory, 'gantry.node'));
  const { stdout } = await run(process.execPath, [join(directory, 'bundle.mjs')]);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
});

async function loadCopy(): Promise<string> {
  const script = `import { sys } from ${JSON.stringify(join(directory, 'native', 'sys.ts'))};
    try { sys.createHasher(); } catch (error) { console.log(error.kind + ': ' + error.message); }`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return stdout;
}

test('a missing addon is told at the first call, with what to do', async () => {
  for (const name of ['native', 'base']) await cp(join(repository, name), join(directory, name), { recursive: true });
  expect(await loadCopy()).toMatch(
    /^failed-precondition: native addon .*gantry\.node is not built: run "make -C native"/,
  );
});

test('a file that is no addon is told', async () => {
  for (const name of ['native', 'base']) await cp(join(repository, name), join(directory, name), { recursive: true });
  await mkdir(join(directory, 'build'));
  await copyFile(join(repository, 'package.json'), join(directory, 'build', 'gantry.node'));
  expect(await loadCopy()).toMatch(/^failed-precondition: native addon .*gantry\.node cannot be loaded/);
});
