import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sys } from './sys.ts';

function openTemporary() {
  const path = mkdtempSync(join(tmpdir(), 'gantry-xattr-'));
  const fd = openSync(path, 'r');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(path, { recursive: true });
  });
  return { path, fd };
}

const set = (path: string, name: string, value: string) =>
  execFileSync('setfattr', ['-h', '-n', name, '-v', value, path]);

test('attributes come with their bytes, of whatever length', () => {
  const { path, fd } = openTemporary();
  const name = Buffer.from('f\xe4', 'latin1');
  writeFileSync(Buffer.concat([Buffer.from(`${path}/`), name]), '');
  expect(sys.extendedAttributes(fd, name)).toEqual(new Map());
  writeFileSync(join(path, 'plain'), '');
  set(join(path, 'plain'), 'user.bytes', '0x00ff00');
  set(join(path, 'plain'), 'user.empty', '');
  set(join(path, 'plain'), 'user.long', 'x'.repeat(3000));
  const found = sys.extendedAttributes(fd, Buffer.from('plain'));
  expect(Object.fromEntries(found)).toMatchObject({
    'user.bytes': Buffer.from('00ff00', 'hex'),
    'user.empty': Buffer.alloc(0),
    'user.long': Buffer.from('x'.repeat(3000)),
  });
});

test('a symbolic link tells its own attributes', () => {
  const { path, fd } = openTemporary();
  writeFileSync(join(path, 'plain'), '');
  set(join(path, 'plain'), 'user.of-the-file', 'x');
  symlinkSync('plain', join(path, 'link'));
  set(join(path, 'link'), 'trusted.of-the-link', 'y');
  expect([...sys.extendedAttributes(fd, Buffer.from('link')).keys()]).toEqual(['trusted.of-the-link']);
});

test('a missing name and a closed directory are errors', () => {
  const { fd } = openTemporary();
  expect(() => sys.extendedAttributes(fd, Buffer.from('missing'))).toThrow(/llistxattr missing.*ENOENT/);
  expect(() => sys.extendedAttributes(-1, Buffer.from('x'))).toThrow(/ENOENT|EBADF/);
});
