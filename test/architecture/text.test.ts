import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../helpers/paths.ts';
import { isGenerated, repositoryFiles, textOf } from './sources.ts';

const texts = repositoryFiles().filter((path) => !isGenerated(path) && !/\.(tar|gz|png|bin)$/.test(path));

/** Lines of the files that match, as "path:line". */
function linesMatching(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  );
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('no file names the folder of this checkout', () => {
  // A folder right below the root can have the name of something else.
  const isTelling = dirname(repository) !== '/';
  const pattern = new RegExp(`(?<![\\w/.-])${escaped(repository)}(?![\\w-])`);
  expect(isTelling ? linesMatching(texts, pattern) : []).toEqual([]);
});

test('no file names the machine that it was written on', () => {
  const name = hostname();
  // A name as short as "vm" is a word.
  const pattern = new RegExp(`\\b${escaped(name)}\\b`);
  expect(name.length < 6 ? [] : linesMatching(texts, pattern)).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(linesMatching(['package-lock.json'], /"resolved"/)).toEqual([]);
});

test('nothing is left to do, switched off or silenced', () => {
  const sources = texts.filter((path) => /\.(ts|c|h|sh)$/.test(path) && path !== 'test/architecture/text.test.ts');
  const pattern = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|\b(it|test|describe)\.(only|todo)\b/;
  expect(linesMatching(sources, pattern)).toEqual([]);
});
