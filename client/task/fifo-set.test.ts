import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { FifoSet } from './fifo-set.ts';

const parent = mkdtempSync('/tmp/gf-');
afterAll(() => rmSync(parent, { recursive: true }));

function shell(script: string, fifos: FifoSet) {
  const env = { I: fifos.path('stdin'), O: fifos.path('stdout'), E: fifos.path('stderr') };
  return spawn('/bin/sh', ['-c', script], {
    env: { PATH: '/bin:/usr/bin', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('only the pipes that were asked for exist, and none of them after close', async () => {
  const fifos = await FifoSet.create(join(parent, 'a/b'), ['stdout']);
  expect(fifos.path('stdin')).toBe('');
  const path = fifos.path('stdout');
  expect(existsSync(path)).toBe(true);
  await fifos.close();
  await fifos.close();
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(parent, 'a/b'))).toEqual([]);
});

test("what was written before we connect is there, and the writer's end is ours", async () => {
  await using fifos = await FifoSet.create(parent, ['stdout', 'stderr']);
  const writer = shell('echo out >"$O"; echo err >"$E"', fifos);
  await once(writer, 'exit');
  expect(await text(fifos.connect('stdout'))).toBe('out\n');
  expect(await text(fifos.connect('stderr'))).toBe('err\n');
});

test('a writer neither blocks nor sees a broken pipe while nobody has connected', async () => {
  await using fifos = await FifoSet.create(parent, ['stdout']);
  const [code] = await once(shell('head -c 60000 /dev/zero >"$O"', fifos), 'exit');
  expect(code).toBe(0);
  expect((await text(fifos.connect('stdout'))).length).toBe(60_000);
});

test('a reader of stdin sees its end when our end is closed, not before', async () => {
  await using fifos = await FifoSet.create(parent, ['stdin']);
  const reader = shell('exec <"$I"; echo ready; wc -c', fifos);
  const output = text(reader.stdout);
  await once(reader.stdout, 'data');
  const socket = fifos.connect('stdin');
  const chunk = Buffer.alloc(300_000, 'x');
  await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
  socket.destroy();
  expect((await output).split('\n').at(-2)?.trim()).toBe('300000');
});

test('many pipes without a peer do not stop other file access', async () => {
  const sets = await Promise.all(
    Array.from({ length: 12 }, () => FifoSet.create(parent, ['stdin', 'stdout', 'stderr'])),
  );
  expect(existsSync(sets[0]?.path('stdin') ?? '')).toBe(true);
  await Promise.all(sets.map((set) => set.close()));
  expect(readdirSync(parent).filter((name) => name.startsWith('io-'))).toEqual([]);
});
