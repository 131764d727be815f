import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles, textOf } from './sources.ts';

/**
 * What each folder may import, besides itself and Node's own modules. A folder that is not here fails, and so does an
 * import that is not: news travels up only as events, and nothing below knows the name of anything above.
 * A test beside the source may also import vitest and what is in `tests`.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: ['pino'],
  proto: ['base', 'protobufjs', '@grpc/grpc-js'],
  ttrpc: ['base', 'proto'],
  native: ['base'],
  image: ['base'],
  archive: ['base', 'image', 'tar-stream'],
  registry: ['base', 'image', 'undici', 'smol-toml'],
  snapshotter: ['base', 'proto', 'native'],

  'daemon/config': ['base', 'image', 'smol-toml'],
  'daemon/events': ['base', 'proto', 'native', 'ttrpc', 'daemon'],
  'daemon/metadata': ['base', 'proto', 'native', 'snapshotter', 'daemon', 'daemon/events', 'level'],
  'daemon/content': ['base', 'proto', 'native', 'daemon', 'daemon/events', 'daemon/metadata'],
  'daemon/gc': ['base', 'proto', 'daemon', 'daemon/events', 'daemon/metadata'],
  'daemon/mounts': ['base', 'proto', 'daemon'],
  'daemon/restart': ['base', 'proto', 'snapshotter', 'daemon'],
  'daemon/runtime': ['base', 'proto', 'native', 'ttrpc', 'client', 'daemon', 'daemon/events', '@grpc/grpc-js'],
  'daemon/unpack': ['base', 'proto', 'native', 'snapshotter', 'daemon'],
  'daemon/images': [
    ...['base', 'proto', 'native', 'image', 'registry', 'daemon', 'daemon/events', 'daemon/metadata'],
    ...['daemon/content', 'daemon/unpack'],
  ],
  'daemon/transfer': [
    ...['base', 'proto', 'image', 'registry', 'archive', 'daemon', 'daemon/content', 'daemon/images', 'daemon/unpack'],
  ],
  'daemon/services': [
    ...['base', 'proto', 'native', 'snapshotter', 'daemon', 'daemon/events', 'daemon/metadata'],
    ...['daemon/content', 'daemon/mounts', 'daemon/runtime'],
  ],
  'daemon/doctor': [
    ...['base', 'proto', 'native', 'snapshotter', 'daemon'],
    ...['daemon/metadata', 'daemon/content', 'daemon/runtime', 'daemon/gc'],
  ],
  // What runs as a process of its own is reached as any daemon is.
  'daemon/proxy': ['base', 'proto', 'native', 'snapshotter', 'client', 'daemon', 'daemon/config', 'daemon/content'],
  'daemon/grpc': [
    'base',
    'proto',
    'snapshotter',
    'daemon',
    'daemon/config',
    'daemon/services',
    'daemon/doctor',
    'daemon/unpack',
    'daemon/transfer',
    '@grpc/grpc-js',
  ],
  // The leaves below, which any part of the daemon may name.
  daemon: ['base', 'proto', 'package.json'],

  client: ['base', 'proto', 'native', 'image', 'archive', '@grpc/grpc-js'],
  cli: ['base', 'proto', 'native', 'image', 'archive', 'registry', 'client', 'commander', 'tar-stream', 'package.json'],

  scripts: ['base', 'proto', 'esbuild', 'tar-stream', 'protobufjs', '@grpc/proto-loader'],
  test: [
    ...['base', 'proto', 'ttrpc', 'native', 'image', 'archive', 'registry', 'snapshotter', 'client', 'cli', 'scripts'],
    ...['daemon', 'daemon/config', 'daemon/events', 'daemon/metadata', 'daemon/content', 'daemon/gc'],
    ...[
      'daemon/runtime',
      'daemon/services',
      'daemon/doctor',
      'daemon/grpc',
      'daemon/proxy',
      'daemon/unpack',
      'daemon/images',
      'daemon/transfer',
    ],
    ...['vitest', 'execa', 'tar-stream', 'undici', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'],
  ],
};

/** What tests beside the source may import on top of that. */
const tests = ['test', 'vitest', 'execa', 'esbuild', 'protobufjs', 'tar-stream'];

/** Files beside the daemon's main.ts that are leaves. The others are the composition root: it knows every part. */
const daemonLeaves = ['daemon/context.ts', 'daemon/version.ts', 'daemon/lifetime.ts'];

const isComposition = (path: string) => posix.dirname(path) === 'daemon' && !daemonLeaves.includes(path);

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|\n\s*import\s+'([^']+)'/g;

/** Folder of the table that a file belongs to: the longest that it lies in. */
function folderOf(path: string): string | undefined {
  const folder = posix.dirname(path);
  const candidates = Object.keys(allowed).filter((name) => folder === name || folder.startsWith(`${name}/`));
  const deepest = candidates.sort((a, b) => b.length - a.length)[0];
  // A new folder of the daemon gets a rule of its own, not that of the files beside main.ts.
  return deepest === 'daemon' && folder !== 'daemon' ? undefined : deepest;
}

/** Folder or package that an import names; undefined for Node's own modules. */
function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier);
    return isComposition(path) ? path : (folderOf(path) ?? path);
  }
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Imports of a file that the table does not allow. */
function violationsIn(path: string): string[] {
  const folder = folderOf(path);
  if (folder === undefined) return [`${path}: its folder has no rule`];
  const may = new Set([folder, ...(allowed[folder] ?? []), ...(path.endsWith('.test.ts') ? tests : [])]);
  const specifiers = [...textOf(path).matchAll(importPattern)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  // A generator writes imports as text with placeholders.
  const targets = specifiers
    .filter((specifier) => !specifier.includes('${'))
    .map((specifier) => targetOf(path, specifier));
  return targets
    .filter((target) => target !== undefined && !may.has(target))
    .map((target) => `${path} imports ${target}`);
}

const sources = repositoryFiles().filter((path) => path.endsWith('.ts') && path.includes('/'));

test('every import goes the one allowed way', () => {
  const violations = sources.filter((path) => !isComposition(path)).flatMap(violationsIn);
  expect(violations).toEqual([]);
});

test('the binding of the native addon is imported in one place', () => {
  const importers = sources.filter(
    (path) => !path.startsWith('native/') && /from '[^']*native\/binding\.ts'/.test(textOf(path)),
  );
  expect(importers).toEqual([]);
});

test('the table has no folder that is not there', () => {
  const unused = Object.keys(allowed).filter((folder) => !sources.some((path) => folderOf(path) === folder));
  expect(unused).toEqual([]);
});
