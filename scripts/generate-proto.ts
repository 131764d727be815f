/**
 * Writes `proto/gen/` from the .proto files: descriptors for the wire codec and TypeScript types.
 * `--check` writes nothing and fails when the committed files are not what would be written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { renderDescriptors } from './proto/descriptors.ts';
import { loadProtos } from './proto/load.ts';
import { renderReflection } from './proto/reflection.ts';
import { renderIndex } from './proto/tables.ts';
import { renderTypes, typesPath } from './proto/types.ts';

const protoDir = resolve(import.meta.dirname, '../proto');
const genDir = join(protoDir, 'gen');

/** What `proto/gen/` must hold: text by path. */
function render(): Map<string, string> {
  const protos = loadProtos(protoDir, { keepCase: false });
  const output = new Map([
    ['descriptors.json', renderDescriptors(protos)],
    ['index.ts', renderIndex(protos)],
    ['reflection.json', renderReflection(protos, protoDir)],
  ]);
  for (const file of protos.files) output.set(typesPath(file.path), renderTypes(file));
  return output;
}

/** Differences between what is on disk and what should be, one line each. */
function differences(wanted: ReadonlyMap<string, string>): string[] {
  const present = existsSync(genDir)
    ? readdirSync(genDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(genDir.length + 1))
    : [];
  const lines = present.filter((path) => !wanted.has(path)).map((path) => `unexpected: ${path}`);
  for (const [path, text] of wanted) {
    if (!present.includes(path)) lines.push(`missing: ${path}`);
    else if (readFileSync(join(genDir, path), 'utf8') !== text) lines.push(`differs: ${path}`);
  }
  return lines.sort();
}

function write(wanted: ReadonlyMap<string, string>): void {
  for (const line of differences(wanted)) {
    const [what, path = ''] = line.split(': ');
    if (what === 'unexpected') rmSync(join(genDir, path));
  }
  for (const [path, text] of wanted) {
    mkdirSync(dirname(join(genDir, path)), { recursive: true });
    writeFileSync(join(genDir, path), text);
  }
}

const wanted = render();
if (process.argv.includes('--check')) {
  const lines = differences(wanted);
  for (const line of lines) console.error(`proto/gen: ${line}`);
  if (lines.length > 0) console.error('run `npm run proto` and commit the result');
  process.exitCode = lines.length > 0 ? 1 : 0;
} else {
  write(wanted);
  console.log(`proto/gen: ${wanted.size} files`);
}
