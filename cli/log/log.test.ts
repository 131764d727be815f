import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { followFile } from './follow.ts';
import { linesOf } from './lines.ts';
import { createLog, idOfLogFile, logPathOf, removeLog } from './store.ts';
import { fileLogUri, jsonLogUri, parseLogUri } from './uri.ts';

const folder = mkdtempSync('/tmp/gl-');
const given = process.env['GANTRY_DATA'];

beforeEach(() => {
  process.env['GANTRY_DATA'] = join(folder, 'data');
});

afterAll(() => {
  if (given === undefined) delete process.env['GANTRY_DATA'];
  else process.env['GANTRY_DATA'] = given;
  rmSync(folder, { recursive: true });
});

test('followFile without an end to wait for gives what is there', async () => {
  const path = join(folder, 'still');
  writeFileSync(path, 'x'.repeat(200_000));
  let sizeBytes = 0;
  for await (const chunk of followFile(path)) sizeBytes += chunk.length;
  expect(sizeBytes).toBe(200_000);
});

test('followFile gives what is appended, also after the end was announced', async () => {
  const path = join(folder, 'growing');
  writeFileSync(path, 'one\n');
  const until = Promise.withResolvers<void>();
  const seen: string[] = [];
  for await (const line of linesOf(followFile(path, until.promise))) {
    seen.push(line);
    if (line === 'one') appendFileSync(path, 'two\n');
    if (line === 'two') {
      until.resolve();
      appendFileSync(path, 'late');
    }
  }
  expect(seen).toEqual(['one', 'two', 'late']);
});

test('followFile ends when waiting for the end fails', async () => {
  const path = join(folder, 'failed');
  writeFileSync(path, 'x');
  const chunks = [];
  for await (const chunk of followFile(path, Promise.reject(new Error('gone')))) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('x');
});

test('linesOf puts together what was cut, characters too', async () => {
  const bytes = Buffer.from('añb\nc\n\nd');
  const lines: string[] = [];
  for await (const line of linesOf(
    (async function* () {
      for (const byte of bytes) yield Buffer.of(byte);
    })(),
  )) {
    lines.push(line);
  }
  expect(lines).toEqual(['añb', 'c', '', 'd']);
});

test('a log belongs to one container of one namespace of one daemon, and to its owner', async () => {
  const path = logPathOf({ address: '/run/a.sock', namespace: 'n' }, 'c');
  expect(path).toMatch(new RegExp(`^${folder}/data/logs/[0-9a-f]{12}/n/c\\.log$`));
  expect(logPathOf({ address: '/run/b.sock', namespace: 'n' }, 'c')).not.toBe(path);
  expect(parseLogUri(fileLogUri(path))).toMatchObject({ format: 'raw', path });
  await createLog(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  appendFileSync(path, 'old');
  await createLog(path);
  expect(readFileSync(path, 'utf8')).toBe('');
  await removeLog(fileLogUri(path));
  expect(existsSync(path)).toBe(false);
});

test('removeLog does not follow a label out of its folder', async () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, '');
  await removeLog(`file://${join(folder, 'data/logs')}/../../victim`);
  await removeLog(fileLogUri(victim));
  await removeLog(undefined);
  await removeLog(`binary://${victim}`);
  expect(existsSync(victim)).toBe(true);
});

test('a log of ours is removed with its older files and its attach socket', async () => {
  const path = logPathOf({ address: '/run/a.sock', namespace: 'n' }, 'a b%');
  const attachPath = join(folder, 'attach', 's');
  const uri = jsonLogUri({ path, attachPath, maxSizeBytes: 1, maxFiles: 3 });
  expect(parseLogUri(uri)).toEqual({ format: 'json', path, attachPath });
  await createLog(path);
  mkdirSync(join(folder, 'attach'));
  for (const file of [`${path}.1`, `${path}.new`, attachPath]) writeFileSync(file, '');
  const other = logPathOf({ address: '/run/a.sock', namespace: 'n' }, 'a b%.log');
  await createLog(other);
  await removeLog(uri);
  expect([path, `${path}.1`, `${path}.new`, attachPath].filter((file) => existsSync(file))).toEqual([]);
  expect(existsSync(other)).toBe(true);
});

test('the files of a log are told from those of others', () => {
  expect(['a.log', 'a.log.12', 'a.log.new', 'a.b.log.1', 'a.log.log'].map(idOfLogFile)).toEqual([
    ...['a', 'a', 'a', 'a.b', 'a.log'],
  ]);
  expect(['a', 'a.log.', 'a.log.x', '.log'].map(idOfLogFile)).toEqual(Array(4).fill(undefined));
});
