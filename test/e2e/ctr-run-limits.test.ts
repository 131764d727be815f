import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { readCgroupFile } from '../helpers/leak-guard.ts';
import { image } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

scenario('run --memory-limit sets the limit of the cgroup', async ({ ctr, namespace }) => {
  await ctr.ok('run', '-d', '--memory-limit', '67108864', image, 'limited', 'sleep', '1000');
  expect(readCgroupFile(namespace, 'limited', 'memory.limit_in_bytes', 'memory.max')).toBe('67108864');
  const metrics = await ctr.ok('tasks', 'metrics', 'limited');
  expect(metrics).toMatch(/memory\.(limit_in_bytes|usage_limit) +67108864/);
  await ctr.ok('tasks', 'rm', '-f', 'limited');
  await ctr.ok('containers', 'rm', 'limited');
});

scenario('a container over its memory limit is killed', async ({ ctr }) => {
  const script = 'x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo $x | wc -c';
  const output = await ctr.try(['run', '--rm', '--memory-limit', '16777216', image, 'hungry', 'sh', '-c', script]);
  expect(output).toMatchObject({ stdout: '', code: 137 });
});

scenario('run --cpus and --cpu-shares set the share of the cgroup', async ({ ctr, namespace }) => {
  await ctr.ok('run', '-d', '--cpus', '0.5', '--cpu-shares', '512', image, 'slow', 'sleep', '1000');
  expect(readCgroupFile(namespace, 'slow', 'cpu.cfs_quota_us', 'cpu.max')).toMatch(/^50000/);
  await ctr.ok('tasks', 'rm', '-f', 'slow');
  await ctr.ok('containers', 'rm', 'slow');
});
