import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimSocket } from './claim-socket.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gt-claim-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a path that is free needs nothing', async () => {
  await expect(claimSocket(join(directory, 'none'))).resolves.toBeUndefined();
});

test('a served socket is refused and left alone', async () => {
  const path = join(directory, 's');
  const server = createServer().listen(path);
  await once(server, 'listening');
  await expect(claimSocket(path)).rejects.toMatchObject({ kind: 'already-exists' });
  expect(existsSync(path)).toBe(true);
  server.close();
});

test('a socket that a killed process left is removed', async () => {
  const path = join(directory, 's');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(path)).toBe(true);
  await claimSocket(path);
  expect(existsSync(path)).toBe(false);
});

test('a file of another kind is not touched', async () => {
  const path = join(directory, 'f');
  await writeFile(path, 'keep');
  await expect(claimSocket(path)).rejects.toMatchObject({ kind: 'failed-precondition' });
  expect(existsSync(path)).toBe(true);
});
