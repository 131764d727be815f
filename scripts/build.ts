import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const repository = resolve(import.meta.dirname, '..');
const output = join(repository, 'build');

/** Left in node_modules: they look for files beside their own. */
const external = ['classic-level'];

/** Packages of the CommonJS kind ask for Node's own modules through `require`, which a module has not. */
const banner = `import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);`;

/** Bundles a program into build/. Parts that it imports on demand become files of their own beside it. */
async function bundle(name: string, entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: { [name]: join(repository, entry) },
    outdir: output,
    // Code that looks for its neighbours in build/ may end up in any of these.
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    external,
    banner: { js: banner },
    logLevel: 'warning',
    absWorkingDir: repository,
  });
  return Object.keys(metafile.outputs).map((path) => resolve(repository, path));
}

function removeStaleChunks(current: ReadonlySet<string>): void {
  for (const name of readdirSync(output)) {
    const path = join(output, name);
    if (name.startsWith('chunk-') && !current.has(path)) rmSync(path);
  }
}

const programs = [
  ['gantryd', 'daemon/main.ts'],
  ['gantry-snapshotter', 'daemon/snapshotter-main.ts'],
  ['gantry', 'cli/main.ts'],
  // A thread of the daemon, which starts it by its file.
  ['layer-worker', 'snapshotter/diff/layer-worker.ts'],
  // A process of the daemon, likewise.
  ['repair-program', 'daemon/metadata/repair-program.ts'],
] as const;
const written: string[] = [];
for (const [name, entry] of programs) written.push(...(await bundle(name, entry)));
removeStaleChunks(new Set(written));
