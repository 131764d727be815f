import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { type MountInfo, sys } from '../../native/sys.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { CgroupMigrations, ownCgroup } from './cgroup-migrations.ts';

function mount(type: string, target: string, superOptions: readonly string[], root = '/'): MountInfo {
  const rest = { id: 1, parentId: 0, device: '0:1', options: [], optional: [], source: 'cgroup' };
  return { ...rest, type, target, superOptions, root };
}

test('finds its own cgroup in every layout', () => {
  const unified = [mount('cgroup2', '/sys/fs/cgroup', ['rw'])];
  expect(ownCgroup('0::/system.slice/gantryd.service\n', unified)).toBe('/sys/fs/cgroup/system.slice/gantryd.service');

  const legacy = [mount('cgroup', '/sys/fs/cgroup/cpu,cpuacct', ['rw', 'cpu', 'cpuacct'])];
  expect(ownCgroup('4:cpu,cpuacct:/a\n0::/\n', legacy)).toBe('/sys/fs/cgroup/cpu,cpuacct/a');
  const named = [mount('cgroup', '/sys/fs/cgroup/systemd', ['rw', 'name=systemd'])];
  expect(ownCgroup('4:cpu:/a\n1:name=systemd:/\n', named)).toBe('/sys/fs/cgroup/systemd');

  const part = [mount('cgroup2', '/sys/fs/cgroup', ['rw'], '/docker/abc')];
  expect(ownCgroup('0::/docker/abc/init\n', part)).toBe('/sys/fs/cgroup/init');
  expect(ownCgroup('0::/elsewhere\n', part)).toBeUndefined();
  expect(ownCgroup('0::/a\n', [])).toBeUndefined();
  expect(ownCgroup('', unified)).toBeUndefined();
});

test('leaves the process where it is', async () => {
  const before = await readFile('/proc/self/cgroup', 'utf8');
  const cgroup = ownCgroup(before, await sys.mountInfo());
  expect(cgroup).toBeDefined();
  await sys.joinCgroup(cgroup ?? '');
  expect(await readFile('/proc/self/cgroup', 'utf8')).toBe(before);
});

test('makes one move at a time, and none any more after a failed one', async () => {
  const joined: string[] = [];
  const gate = Promise.withResolvers<void>();
  const migrations = new CgroupMigrations({
    sys: {
      mountInfo: sys.mountInfo,
      joinCgroup: async (path) => {
        joined.push(path);
        await gate.promise;
      },
    },
    log: silentLogger,
  });
  migrations.expect();
  migrations.expect();
  await eventually(() => expect(joined).toHaveLength(1));
  migrations.expect();
  gate.reject(new Error('read-only file system'));
  await gate.promise.catch(() => undefined);
  await new Promise(setImmediate);
  migrations.expect();
  await new Promise(setImmediate);
  expect(joined).toHaveLength(1);
});
