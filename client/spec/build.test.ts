import { expect, test } from 'vitest';
import type { ImageConfig } from '../../image/config.ts';
import { buildExecProcess, buildSpec } from './build.ts';
import { defaultSpec } from './default.ts';

const target = { namespace: 'ns', id: 'c1' };
const root = { uid: 0, gid: 0, additionalGids: [0] };
const image: ImageConfig = {
  platform: { os: 'linux', architecture: 'amd64' },
  user: '',
  env: ['PATH=/bin', 'LANG=C'],
  entrypoint: ['/entry'],
  cmd: ['default'],
  workingDir: '/work',
  stopSignal: '',
  labels: {},
  diffIds: [],
};

test('buildSpec takes command, environment and folder from the image', () => {
  const { process } = buildSpec(target, image, root);
  expect(process).toMatchObject({
    args: ['/entry', 'default'],
    env: ['PATH=/bin', 'LANG=C'],
    cwd: '/work',
    user: root,
  });
});

test('buildSpec lets options replace what the image says', () => {
  const spec = buildSpec(
    target,
    image,
    { uid: 5, gid: 6 },
    {
      args: ['a', 'b'],
      env: ['LANG=de', 'X=1', 'PATH'],
      cwd: '/',
      readonlyRootfs: true,
      hostname: 'box',
      terminal: { columns: 80, rows: 24 },
      memoryBytes: 1024,
      cpus: 0.5,
    },
  );
  expect(spec.process.args).toEqual(['/entry', 'a', 'b']);
  expect(spec.process.env).toEqual(['LANG=de', 'TERM=xterm', 'X=1']);
  expect(spec.process).toMatchObject({ cwd: '/', terminal: true, consoleSize: { width: 80, height: 24 } });
  expect(spec.root).toEqual({ path: 'rootfs', readonly: true });
  expect(spec.hostname).toBe('box');
  expect(spec.linux.resources).toMatchObject({ memory: { limit: 1024 }, cpu: { quota: 50_000, period: 100_000 } });
});

test('buildSpec gives a default PATH to an image without environment', () => {
  const { process } = buildSpec(target, { ...image, env: [] }, root);
  expect(process.env).toEqual(['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']);
});

test('the spec keeps the container in its namespace, its cgroup and its capabilities', () => {
  const { process, linux } = buildSpec(target, image, root);
  expect(linux.cgroupsPath).toBe('/ns/c1');
  expect(linux.namespaces.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount', 'network']);
  expect(process.noNewPrivileges).toBe(true);
  expect(Object.keys(process.capabilities ?? {}).sort()).toEqual(['bounding', 'effective', 'permitted']);
  expect(process.capabilities?.bounding).toHaveLength(14);
  expect(process.capabilities?.bounding).not.toContain('CAP_SYS_ADMIN');
  expect(linux.resources.devices[0]).toEqual({ allow: false, access: 'rwm' });
  expect(linux.maskedPaths).toContain('/proc/kcore');
  expect(linux.readonlyPaths).toContain('/proc/sys');
});

test('the host network takes the place of the own one, with the names that belong to it', () => {
  const { linux, mounts } = buildSpec(target, image, root, { hostNetwork: true });
  expect(linux.namespaces.map(({ type }) => type)).not.toContain('network');
  expect(mounts.filter(({ options }) => options.includes('ro')).map(({ destination }) => destination)).toEqual([
    '/sys',
    '/etc/hosts',
    '/etc/resolv.conf',
  ]);
});

test('two specs of one image share nothing that can be changed', () => {
  const mount = { type: 'bind', source: '/a', destination: '/a', options: ['rbind'] };
  const first = buildSpec(target, image, root, { mounts: [mount] });
  const before = structuredClone(buildSpec(target, image, root, { mounts: [mount] }));
  first.process.env.push('LEAK=1');
  first.process.args.push('leak');
  first.process.user.additionalGids?.push(42);
  first.process.capabilities?.bounding.push('CAP_SYS_ADMIN');
  first.linux.maskedPaths.length = 0;
  for (const each of first.mounts) each.options.push('leak');
  expect(buildSpec(target, image, root, { mounts: [mount] })).toEqual(before);
});

test.each([
  [{ cwd: 'relative' }, 'absolute path'],
  [{ memoryBytes: 0 }, 'memory limit'],
  [{ memoryBytes: 2 ** 60 }, 'memory limit'],
  [{ cpus: 0.001 }, 'cpus'],
  [{ cpus: Number.NaN }, 'cpus'],
])('buildSpec refuses %j', (options, message) => {
  expect(() => buildSpec(target, image, root, options)).toThrow(message);
});

test('buildSpec needs a command from somewhere', () => {
  expect(() => buildSpec(target, { ...image, entrypoint: [], cmd: [] }, root)).toThrow('no command');
});

test("an exec is the container's process with another command", () => {
  const { process } = defaultSpec('ns', 'c1');
  const container = { ...process, env: ['A=1'], cwd: '/in', terminal: true, consoleSize: { width: 1, height: 1 } };
  const exec = buildExecProcess(container, { args: ['ls'], env: ['B=2'] });
  expect(exec).toMatchObject({ args: ['ls'], env: ['A=1', 'B=2'], cwd: '/in', noNewPrivileges: true });
  expect(exec.terminal).toBeUndefined();
  expect(exec.consoleSize).toBeUndefined();
  expect(exec.capabilities).toEqual(container.capabilities);
  expect(exec.capabilities).not.toBe(container.capabilities);
  expect(
    buildExecProcess(container, { args: ['sh'], cwd: '/', user: { uid: 1, gid: 2 }, terminal: true }),
  ).toMatchObject({ cwd: '/', user: { uid: 1, gid: 2 }, terminal: true });
});
