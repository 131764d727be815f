import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { LineSplitter, ShimLog } from './shim-log.ts';

test('cuts text into lines across chunks, without empty ones', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const text of ['on', 'e\ntwo\n', '\n', 'three']) splitter.push(text);
  expect(lines).toEqual(['one', 'two']);
});

test('cuts an endless line into pieces instead of keeping it', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (let count = 0; count < 10; count++) splitter.push('x'.repeat(10_000));
  expect(lines.map((line) => line.length)).toEqual([16_384, 16_384, 16_384, 16_384, 16_384, 16_384]);
});

test('logs what writers that come and go put into the FIFO, by its level', async () => {
  const folder = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(folder, { recursive: true }));
  await sys.makeFifo(join(folder, 'log'), 0o700);
  const logged: string[] = [];
  const note = (level: string) => (fields: object) => void logged.push(`${level} ${(fields as { line: string }).line}`);
  const log: Logger = { ...silentLogger, debug: note('debug'), warn: note('warn'), error: note('error') };
  using _open = await ShimLog.open(folder, log);
  for (const line of ['level=info msg=a', 'level=warning msg=b', 'level=error msg=c', 'bare']) {
    await appendFile(join(folder, 'log'), `${line}\n`);
    await eventually(() => expect(logged.some((entry) => entry.endsWith(line))).toBe(true));
  }
  expect(logged).toEqual([
    'debug level=info msg=a',
    'warn level=warning msg=b',
    'error level=error msg=c',
    'warn bare',
  ]);
});
