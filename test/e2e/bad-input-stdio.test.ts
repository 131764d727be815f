import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { createContainer, removeContainer, type Stdio, startTask } from '../../client/index.ts';
import { bothDaemons } from '../helpers/both.ts';
import { image, Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

const { scenario } = bothDaemons({ image: true });

const output = (stdout: string, stdin = ''): Stdio => ({ paths: { stdin, stdout, stderr: '', terminal: false } });

/** Code and text of the failure to start a container with these streams; nothing of a task is left. */
async function refusal(side: Side, stdio: Stdio): Promise<{ kind: string; message: string }> {
  const container = await createContainer(side.client, { id: 'bad', image, args: ['true'] });
  try {
    await startTask(side.client, container, stdio, { timeoutMs: 20_000 });
    throw new Error('it was started');
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    expect((await listTasks(side)).has('bad')).toBe(false);
    return { kind: error.kind, message: error.message };
  } finally {
    await removeContainer(side.client, 'bad', { force: true });
  }
}

const script = (side: Side, name: string, text: string) => {
  const path = join(side.daemon.folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};

scenario('a logging program that is not there or cannot run', async (side) => {
  const plain = join(side.daemon.folder, 'plain');
  writeFileSync(plain, '');
  const answers = [];
  for (const path of ['/nonexistent/logger', plain, side.daemon.folder]) {
    answers.push(await refusal(side, output(`binary://${path}`)));
  }
  expect(answers.map(({ message }) => message)).toEqual([
    expect.stringMatching(/no such file or directory/i),
    expect.stringMatching(/permission denied/i),
    expect.stringMatching(/permission denied/i),
  ]);
  return answers.map(({ kind }) => kind);
});

scenario('a log that cannot be made, and schemes that do not exist', async (side) => {
  const answers = [];
  for (const uri of [`file://${side.daemon.folder}`, 'nonsense:///x']) answers.push(await refusal(side, output(uri)));
  return answers.map(({ kind }) => kind);
});

test('with our shim: a directory for a pipe, a logging program that ends, log options that do not exist', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const folder = side.daemon.folder;
  const ends = script(side, 'ends', 'exit 3');
  const attach = `attach=${'x'.repeat(108)}`;
  const cases = [
    [output(folder), 'unknown', /opening file ".*" failed: Is a directory/],
    [output(`binary-v2://${ends}`), 'unknown', /logging binary did not call ready/],
    [output('', join(folder, 'none')), 'unknown', /opening stdin fifo ".*" failed: No such file or directory/],
    [output(`json://${folder}/log?nonsense=1`), 'invalid-argument', /log option nonsense=1/],
    [output(`json://${folder}/log?max_files=0`), 'invalid-argument', /log option max_files=0/],
    [output(`json://${folder}/log?${attach}`), 'invalid-argument', /log option attach=/],
    [output(`json://${folder}`), 'unknown', /Is a directory/],
    [output('cri:///dev/null'), 'unknown', /is not a regular file/],
    [output(`file://${folder}/log`, 'attach://'), 'invalid-argument', /needs a log with an attach socket/],
    [output(`json://${folder}/log`, 'attach://'), 'invalid-argument', /has no option attach/],
  ] as const;
  for (const [stdio, kind, message] of cases) {
    const answer = await refusal(side, stdio);
    expect(answer).toMatchObject({ kind, message: expect.stringMatching(message) });
  }
});
