import { execFileSync } from 'node:child_process';
import { linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TempFolder } from './paths.ts';
import { readTree, treeDifferences } from './tree.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
  for (const side of ['a', 'b']) make(join(folder.path, side));
});
afterEach(() => folder[Symbol.dispose]());

function make(root: string): void {
  mkdirSync(join(root, 'd'), { recursive: true });
  writeFileSync(join(root, 'd/file'), 'content');
  writeFileSync(Buffer.from(`${root}/d/\xff\\\n`, 'latin1'), '');
  linkSync(join(root, 'd/file'), join(root, 'd/other'));
  symlinkSync('file', join(root, 'd/link'));
  execFileSync('mknod', [join(root, 'd/device'), 'c', '300', '70000']);
  for (const path of ['d/file', 'd/link', 'd/device', 'd']) lutimesSync(join(root, path), 1e9, 1e9);
  lutimesSync(Buffer.from(`${root}/d/\xff\\\n`, 'latin1'), 1e9, 1e9);
}

/** What differs once a shell command was run in one of two equal trees. */
function differencesAfter(command: string): string[] {
  execFileSync('sh', ['-c', `${command}; touch -hd @1000000000 d`], { cwd: join(folder.path, 'b') });
  return treeDifferences(readTree(join(folder.path, 'a')), readTree(join(folder.path, 'b')));
}

test.each<[command: string, differences: RegExp[]]>([
  ['true', []],
  ['chmod 4755 d', [/^d: mode is 4755, should be 755$/]],
  ['chown -h 5:6 d/link', [/^d\/link: owner is 5:6, should be 0:0$/]],
  [
    'touch -hd @1000000000.000000001 d/link',
    [/^d\/link: modified is 1000000000.000000001, should be 1000000000.0{9}$/],
  ],
  ['rm d/device', [/^d\/device: is missing \(character device\)$/]],
  ['touch d/new', [/^d\/new: should not be there \(file\)$/]],
  ['ln -sfT other d/link; touch -hd @1000000000 d/link', [/^d\/link: target is other, should be file$/]],
  ['rm d/device; mknod d/device c 300 70001; touch -d @1000000000 d/device', [/^d\/device: device is 300:70001, /]],
  [
    'rm d/device; mkfifo d/device; touch -d @1000000000 d/device',
    [/type is fifo, .*device is none, should be 300:70000$/],
  ],
  ['cp -p d/file x; mv x d/other', [/^d\/other: one file with is none, should be d\/file$/]],
  [
    'setfattr -n user.x -v y d/file',
    [/^d\/file: attribute user.x is 0x79, should be none$/, /^d\/other: attribute user.x/],
  ],
  ['setfattr -n user.x -v y d/[!a-z]*', [/\\\n: attribute user.x is 0x79, should be none$/]],
  [
    'printf changed >d/file; touch -d @1000000000 d/file',
    [/^d\/file: content is \w+, should be \w+$/, /^d\/other: content/],
  ],
])('%s', (command, differences) => {
  const found = differencesAfter(command);
  expect(found).toHaveLength(differences.length);
  for (const [index, line] of found.entries()) expect(line).toMatch(differences[index] as RegExp);
});
