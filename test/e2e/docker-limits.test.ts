import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';
import { readCgroupFile } from '../helpers/leak-guard.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

/** One line of `docker stats`, as far as it is looked at. */
interface Stats {
  readonly Name: string;
  readonly MemUsage: string;
  readonly PIDs: string;
  readonly CPUPerc: string;
}

async function statsOf({ docker }: DockerSide, name: string): Promise<Stats> {
  return JSON.parse(await docker.ok('stats', '--no-stream', '--format', '{{json .}}', name)) as Stats;
}

scenario('stats tell of memory, processes and work', async (side) => {
  const { docker } = side;
  const flags = ['--memory', '64m', '--pids-limit', '50'];
  await docker.ok('run', '-d', '--name', 'measured', ...flags, image, 'sh', '-c', 'sleep 1000 & while :; do :; done');
  const { PIDs, MemUsage, CPUPerc } = await statsOf(side, 'measured');
  expect({ PIDs, limit: MemUsage.split(' / ')[1] }).toEqual({ PIDs: '2', limit: '64MiB' });
  expect(Number.parseFloat(MemUsage)).toBeGreaterThan(0);
  expect(Number.parseFloat(CPUPerc)).toBeGreaterThan(1);
  await docker.ok('rm', '-f', 'measured');
});

scenario('update changes the limits of a running container', async (side) => {
  const { docker, namespace } = side;
  await docker.ok('run', '-d', '--name', 'limited', '--memory', '64m', image, 'sleep', '1000');
  const { Id } = await docker.inspect('limited');
  const limits = () => ({
    memory: readCgroupFile(namespace, Id, 'memory.limit_in_bytes', 'memory.max'),
    weight: readCgroupFile(namespace, Id, 'cpu.shares', 'cpu.weight'),
    quota: readCgroupFile(namespace, Id, 'cpu.cfs_quota_us', 'cpu.max'),
    pids: readCgroupFile(namespace, Id, 'pids.max'),
    cpus: readCgroupFile(namespace, Id, 'cpuset.cpus'),
  });
  const before = limits();
  const cpu = ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0'];
  await docker.ok('update', '--memory', '32m', '--memory-swap', '32m', '--pids-limit', '77', ...cpu, 'limited');
  const after = limits();
  expect(after).toMatchObject({ memory: `${32 << 20}`, pids: '77', cpus: '0' });
  expect((await statsOf(side, 'limited')).MemUsage).toMatch(/ \/ 32MiB$/);
  await docker.ok('rm', '-f', 'limited');
  return { before, after };
});

scenario('a container without memory is killed, and that is told', async ({ docker }) => {
  const since = `${Date.now() / 1000}`;
  const flags = ['--name', 'hungry', '--memory', '16m', '--memory-swap', '16m'];
  const { code } = await docker.try([
    'run',
    ...flags,
    image,
    'sh',
    '-c',
    'exec dd if=/dev/zero of=/dev/null bs=64M count=1',
  ]);
  expect(code).toBe(137);
  expect((await docker.inspect('hungry')).State).toMatchObject({ OOMKilled: true, ExitCode: 137, Status: 'exited' });
  const until = `${Date.now() / 1000 + 0.001}`;
  const filters = ['--filter', 'container=hungry', '--filter', 'event=oom', '--filter', 'event=die'];
  expect(await docker.ok('events', '--since', since, '--until', until, ...filters, '--format', '{{.Action}}')).toBe(
    'oom\ndie\n',
  );
  await docker.ok('rm', 'hungry');
});

scenario('a process of a container that is killed for its memory does not end the container', async ({ docker }) => {
  const since = `${Date.now() / 1000}`;
  const script = 'dd if=/dev/zero of=/dev/null bs=64M count=1; echo "ended by $?"; exec sleep 1000';
  await docker.ok(
    'run',
    '-d',
    '--name',
    'robust',
    '--memory',
    '16m',
    '--memory-swap',
    '16m',
    image,
    'sh',
    '-c',
    script,
  );
  await eventually(async () => expect(await docker.ok('logs', 'robust')).toContain('ended by 137\n'));
  const filters = ['--filter', 'container=robust', '--filter', 'event=oom', '--format', '{{.Action}}'];
  const told = () => docker.ok('events', '--since', since, '--until', `${Date.now() / 1000}`, ...filters);
  await eventually(async () => expect(await told()).toBe('oom\n'));
  // That it was killed for this the client says of a container that has ended.
  expect((await docker.inspect('robust')).State).toMatchObject({ Status: 'running', OOMKilled: false });
  await docker.ok('rm', '-f', 'robust');
});

scenario('a limit on processes and one on files hold', async ({ docker }) => {
  const flags = ['--rm', '--pids-limit', '5', '--ulimit', 'nofile=64:64'];
  const script = 'ulimit -n; for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo all';
  const { stdout, stderr, code } = await docker.try(['run', ...flags, image, 'sh', '-c', script]);
  expect(stderr).toContain("can't fork");
  return { stdout, code };
});
