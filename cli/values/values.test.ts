import { expect, test } from 'vitest';
import { parseEnv } from './env.ts';
import { parseMount, parseVolume } from './mount.ts';
import { parseSignal } from './signal.ts';
import { parseCpus, parseSize } from './size.ts';

test.each([
  ['TERM', 15],
  ['sigkill', 9],
  ['SIGUSR1', 10],
  ['9', 9],
  ['64', 64],
])('parseSignal reads %s', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each(['', '0', '65', '-9', '9.0', 'SIGNOPE', 'toString', '0x9'])('parseSignal refuses %j', (text) => {
  expect(() => parseSignal(text)).toThrow('is not a signal');
});

test.each([
  ['64m', 64 * 1024 ** 2],
  ['1.5g', 1.5 * 1024 ** 3],
  ['10KiB', 10 * 1024],
  ['123', 123],
  ['7b', 7],
])('parseSize reads %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '0', '-1', '1e9', '0x10', 'm', '1x', '999999999999t', '1 000'])('parseSize refuses %j', (text) => {
  expect(() => parseSize(text)).toThrow('is not a size');
});

test('parseCpus takes decimals only', () => {
  expect(parseCpus('0.5')).toBe(0.5);
  for (const text of ['0', '', '-1', '1e3', 'two']) expect(() => parseCpus(text)).toThrow('processors');
});

test('parseMount takes the fields of ctr and of docker', () => {
  expect(parseMount('type=bind,src=/tmp,dst=/x,options=rbind:ro')).toEqual({
    type: 'bind',
    source: '/tmp',
    destination: '/x',
    options: ['rbind', 'ro'],
  });
  expect(parseMount('source=/tmp,target=/x,readonly')).toEqual({
    type: 'bind',
    source: '/tmp',
    destination: '/x',
    options: ['rbind', 'ro'],
  });
  expect(parseMount('type=tmpfs,dst=/x,options=size=64k:mode=700')).toEqual({
    type: 'tmpfs',
    source: 'tmpfs',
    destination: '/x',
    options: ['size=64k', 'mode=700'],
  });
});

test('mounts that cannot work are refused with what is wrong', () => {
  expect(() => parseMount('src=/tmp,dst=x')).toThrow('absolute path');
  expect(() => parseMount('dst=/x')).toThrow('no source');
  expect(() => parseMount('src=/tmp,dst=/x,what=1')).toThrow('"what"');
  expect(() => parseMount('src=/does/not/exist,dst=/x')).toThrow('/does/not/exist does not exist');
  expect(() => parseVolume('/tmp')).toThrow('/host/path');
  expect(() => parseVolume('/tmp:/a:ro:x')).toThrow('/host/path');
});

test('parseVolume resolves the host path and keeps options', () => {
  expect(parseVolume('.:/x:ro')).toEqual({
    type: 'bind',
    source: process.cwd(),
    destination: '/x',
    options: ['rbind', 'ro'],
  });
});

test('parseEnv takes bare names from here, and as removals where there is nothing', () => {
  expect(parseEnv(['A=1', 'B', 'C'], { B: '2' })).toEqual(['A=1', 'B=2', 'C']);
  expect(() => parseEnv(['=x'], {})).toThrow('no name');
});
