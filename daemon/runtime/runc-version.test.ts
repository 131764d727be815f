import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RuncVersions } from './runc-version.ts';

let folder = '';
let runc = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-runc-'));
  runc = join(folder, 'runc');
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that prints this and counts how often it was asked. */
const prints = (text: string) =>
  writeFile(runc, `#!/bin/sh\necho asked >>${folder}/asked\necho '${text}'\n`, { mode: 0o755 });

test.each(['runc version 1.1.5+ds1', 'runc version 1.10.0', 'runc version 2.0.0-rc.1', 'crun version 1.0', 'nonsense'])(
  'takes %s',
  async (text) => {
    await prints(text);
    await expect(new RuncVersions().require(runc)).resolves.toBeUndefined();
  },
);

test.each(['runc version 1.0.3', 'runc version 0.1.1'])('refuses %s', async (text) => {
  await prints(text);
  await expect(new RuncVersions().require(runc)).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: `${text.replace(' version', '')} at ${runc} is too old: install runc 1.1 or later`,
  });
});

test('one that is not there is left to the shim', async () => {
  await expect(new RuncVersions().require(join(folder, 'none'))).resolves.toBeUndefined();
  await expect(new RuncVersions().require('no-such-runc')).resolves.toBeUndefined();
});

test('a binary is asked once, and again when it changes', async () => {
  const versions = new RuncVersions();
  const timesAsked = async () => (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n').length;
  await prints('runc version 1.1.5');
  await Promise.all([versions.require(runc), versions.require(runc)]);
  await versions.require(runc);
  expect(await timesAsked()).toBe(1);
  await appendFile(runc, '# another\n');
  await versions.require(runc);
  expect(await timesAsked()).toBe(2);
});
