import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import type { Output } from '../helpers/ctr.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

scenario('run prints both outputs and passes on the exit code', async ({ docker }) => {
  const output = await docker.try(['run', '--rm', image, 'sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(output).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 7 });
});

scenario('run -i passes input and its end', async ({ docker }) => {
  const input = '0123456\n'.repeat(1 << 16);
  const output = await docker.try(['run', '-i', '--rm', image, 'sha256sum'], { input });
  expect(output).toMatchObject({ stderr: '', code: 0 });
  return output;
});

scenario('nothing of a large output is lost, on the way out or in the log', async ({ docker }) => {
  const wanted = '0123456\n'.repeat(1 << 18);
  const output = await docker.try(['run', '--name', 'large', image, 'sh', '-c', 'yes 0123456 | head -c 2097152']);
  // Compared before it is asserted: megabytes of difference are no message.
  expect(output.stdout === wanted).toBe(true);
  expect((await docker.ok('logs', 'large')) === wanted).toBe(true);
  await docker.ok('rm', 'large');
});

scenario('run -d, logs, wait, inspect and rm', async ({ docker }) => {
  const id = (
    await docker.ok('run', '-d', '--name', 'detached', image, 'sh', '-c', 'echo one; echo two >&2; exit 3')
  ).trim();
  expect(await docker.ok('wait', 'detached')).toBe('3\n');
  expect(await docker.try(['logs', 'detached'])).toEqual({ stdout: 'one\n', stderr: 'two\n', code: 0 });
  const { Id, State } = await docker.inspect('detached');
  expect(Id).toBe(id);
  expect(State).toMatchObject({ Status: 'exited', Running: false, ExitCode: 3, Pid: 0, OOMKilled: false, Error: '' });
  await docker.ok('rm', 'detached');
  expect(await docker.ok('ps', '-aq')).toBe('');
});

scenario('logs -f follows until the end', async ({ docker }) => {
  await docker.ok(
    'run',
    '-d',
    '--name',
    'followed',
    image,
    'sh',
    '-c',
    'for i in 1 2 3 4 5; do echo $i; usleep 50000; done',
  );
  expect(await docker.ok('logs', '-f', 'followed')).toBe('1\n2\n3\n4\n5\n');
  await docker.ok('rm', 'followed');
});

scenario('create, start -a and a second start', async ({ docker }) => {
  await docker.ok('create', '--name', 'twice', image, 'sh', '-c', 'echo here; exit 4');
  for (const _ of ['first', 'second']) {
    expect(await docker.try(['start', '-a', 'twice'])).toEqual({ stdout: 'here\n', stderr: '', code: 4 });
  }
  await docker.ok('rm', 'twice');
});

scenario('commands that cannot be started are told of in the same words', async ({ docker }) => {
  const missing = await docker.try(['run', '--rm', image, 'not-there']);
  expect(missing).toMatchObject({ code: 127, stderr: expect.stringContaining('executable file not found in $PATH') });
  const forbidden = await docker.try(['run', '--rm', image, '/etc/passwd']);
  expect(forbidden).toMatchObject({ code: 126, stderr: expect.stringContaining('permission denied') });
  const folder = await docker.try(['run', '--rm', '--workdir', '/etc/passwd', image, 'true']);
  expect(folder.code).not.toBe(0);
  expect(await docker.ok('ps', '-aq')).toBe('');
  // The client may notice that its waiting is over.
  const said = ({ code, stderr }: Output) => ({ code, stderr: stderr.replaceAll(/^time=.*\n/gm, '') });
  return { missing: said(missing), forbidden: said(forbidden), folder: said(folder) };
});

scenario('run passes on user, folder, environment, host name, volumes and a read-only root', async (side) => {
  const { docker } = side;
  const folder = join(side.daemon.folder, 'volume');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'given'), 'given\n');
  const flags = ['--user', '1:50', '--workdir', '/tmp', '--env', 'A=b c', '--hostname', 'called', '--read-only'];
  const mounts = ['--volume', `${folder}:/shared`, '--tmpfs', '/tmp:mode=1777'];
  const script = 'id -u; id -g; pwd; echo "$A"; hostname; cat /shared/given; touch f && ls; touch /f';
  return docker.try(['run', '--rm', ...flags, ...mounts, image, 'sh', '-c', script]);
});

scenario('run --init reaps behind the command', async ({ docker }) => {
  const output = await docker.ok('run', '--rm', '--init', image, 'ps', '-o', 'pid,comm');
  expect(output).toMatch(/^ +1 docker-init$/m);
});

scenario('run --pid=container: sees the other container, and ends without it', async ({ docker }) => {
  await docker.ok('run', '-d', '--name', 'seen', image, 'sleep', '1000');
  const script = 'ps -o comm; (sleep 2000 &); exit 6';
  const output = await docker.try(['run', '--rm', '--pid=container:seen', image, 'sh', '-c', script]);
  expect(output).toMatchObject({ stdout: expect.stringContaining('sleep'), code: 6 });
  // What the second one left in the process namespace of the first has ended with it.
  await eventually(async () => expect(await docker.ok('exec', 'seen', 'ps')).not.toContain('sleep 2000'));
  expect((await docker.inspect('seen')).State).toMatchObject({ Status: 'running' });
  await docker.ok('rm', '-f', 'seen');
});

scenario('cp into and out of a running and a stopped container', async (side) => {
  const { docker } = side;
  const folder = join(side.daemon.folder, 'copies');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'in'), 'copied\n');
  await docker.ok('run', '-d', '--name', 'copied', image, 'sleep', '1000');
  await docker.ok('cp', join(folder, 'in'), 'copied:/tmp/in');
  expect(await docker.ok('exec', 'copied', 'cat', '/tmp/in')).toBe('copied\n');
  await docker.ok('exec', 'copied', 'cp', '/tmp/in', '/tmp/out');
  await docker.ok('cp', 'copied:/tmp/out', join(folder, 'running'));
  await docker.ok('kill', 'copied');
  await docker.ok('cp', 'copied:/tmp/out', join(folder, 'stopped'));
  expect(readFileSync(join(folder, 'running'), 'utf8')).toBe('copied\n');
  expect(readFileSync(join(folder, 'stopped'), 'utf8')).toBe('copied\n');
  await docker.ok('rm', 'copied');
});

scenario('eight runs at once', async ({ docker }) => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  const runs = numbers.map((number) =>
    docker.try(['run', '--rm', image, 'sh', '-c', `echo ${number}; exit ${number}`]),
  );
  expect(await Promise.all(runs)).toEqual(
    numbers.map((number) => ({ stdout: `${number}\n`, stderr: '', code: number })),
  );
});
