import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../client/client.ts';
import { Daemon } from '../helpers/daemon.ts';
import { repository, TempFolder } from '../helpers/paths.ts';
import { image, Side } from '../helpers/side.ts';
import { Supervised } from '../helpers/supervised.ts';
import { listTasks } from '../helpers/tasks.ts';

/** A folder with the programs that a daemon and its shim need, for a PATH of nothing else. */
function programs(...except: readonly string[]): TempFolder {
  const folder = new TempFolder();
  const found: Record<string, string> = {
    runc: '/usr/sbin/runc',
    'containerd-shim-runc-v2': '/usr/bin/containerd-shim-runc-v2',
    containerd: '/usr/bin/containerd',
    sh: '/bin/sh',
    dirname: '/usr/bin/dirname',
    readlink: '/usr/bin/readlink',
  };
  for (const [name, path] of Object.entries(found)) {
    if (!except.includes(name)) symlinkSync(path, join(folder.path, name));
  }
  return folder;
}

test.each(['containerd', 'gantryd'] as const)('%s without runc says so', async (kind) => {
  using folder = programs('runc');
  await using side = await Side.start(kind, { image: true, daemon: { onlyPath: folder.path } });
  const error = await side.ctr.fails('run', '--rm', image, 'no-runc', 'true');
  expect(error).toContain('exec: "runc": executable file not found in $PATH');
  expect(await listTasks(side)).toEqual(new Map());
});

test('a runc that is too old is refused by name', async () => {
  using folder = programs('runc');
  writeFileSync(
    join(folder.path, 'runc'),
    '#!/bin/sh\ncase "$*" in *--version*) echo "runc version 1.0.3"; echo "spec: 1.0.2-dev";; *) exec /usr/sbin/runc "$@";; esac\n',
    { mode: 0o755 },
  );
  await using side = await Side.start('gantryd', { image: true, daemon: { onlyPath: folder.path } });
  const error = await side.ctr.fails('run', '--rm', image, 'old-runc', 'true');
  expect(error).toMatch(/runc.*1\.0\.3.*1\.1/);
});

test('a runtime that nobody has', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const error = await side.ctr.fails('run', '--rm', '--runtime', 'io.containerd.absent.v1', image, 'absent', 'true');
  expect(error).toContain('containerd-shim-absent-v1');
});

test('a second daemon on a socket that is served is refused, and the first goes on', async () => {
  await using first = await Daemon.start('gantryd');
  using folder = new TempFolder();
  const others = folder.path;
  for (const [flags, reason] of [
    [['--root', join(others, 'root'), '--state', join(others, 'state'), '--address', first.address], first.address],
    [
      ['--root', first.root, '--state', join(others, 'state'), '--address', join(others, 'other.sock')],
      `root ${first.root} is in use by another gantryd (pid ${first.pid})`,
    ],
  ] as const) {
    const logPath = join(others, 'log');
    writeFileSync(logPath, '');
    const argv = [join(repository, 'bin/gantryd'), ...flags];
    await using second = await Supervised.start({ argv, env: { PATH: process.env['PATH'] ?? '' }, logPath });
    expect(await second.wait()).toEqual({ how: 'exit', value: 1 });
    expect(readFileSync(logPath, 'utf8')).toContain(reason);
  }
  using client = connect({ address: first.address, namespace: 'default' });
  expect(await client.service('containerd.services.version.v1.Version').Version({})).toMatchObject({ version: /./ });
});

test('a socket that a dead daemon left is taken over', async () => {
  await using daemon = await Daemon.start('gantryd');
  await daemon.kill('SIGKILL');
  await daemon.start();
  using client = connect({ address: daemon.address });
  await client.service('containerd.services.version.v1.Version').Version({}, { timeoutMs: 5_000 });
});
