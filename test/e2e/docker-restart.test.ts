import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

scenario('--restart=on-failure tries as often as it is told to', async ({ docker }) => {
  await docker.ok('run', '-d', '--name', 'failing', '--restart', 'on-failure:3', image, 'sh', '-c', 'echo try; exit 5');
  await eventually(async () => expect(await docker.ok('logs', 'failing')).toBe('try\n'.repeat(4)));
  await eventually(async () => expect((await docker.inspect('failing')).State.Status).toBe('exited'));
  const { RestartCount, State } = await docker.inspect('failing');
  expect({ RestartCount, ExitCode: State.ExitCode }).toEqual({ RestartCount: 3, ExitCode: 5 });
  await docker.ok('rm', 'failing');
});

scenario('--restart=always starts again whoever was killed, until it is stopped', async ({ docker }) => {
  await docker.ok(
    'run',
    '-d',
    '--name',
    'always',
    '--restart',
    'always',
    '--stop-timeout',
    '0',
    image,
    'sleep',
    '1000',
  );
  for (const round of [1, 2]) {
    const { State } = await docker.inspect('always');
    process.kill(State.Pid, 'SIGKILL');
    await eventually(async () => {
      const now = await docker.inspect('always');
      expect(now).toMatchObject({ RestartCount: round, State: { Status: 'running' } });
      expect(now.State.Pid).not.toBe(State.Pid);
    });
    expect(await docker.ok('exec', 'always', 'echo', 'up')).toBe('up\n');
  }
  await docker.ok('stop', '--time', '0', 'always');
  expect((await docker.inspect('always')).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  await docker.ok('rm', 'always');
});

scenario('without live restore containers end with dockerd and come back with it', async (side) => {
  const { docker } = side;
  await docker.ok('run', '-d', '--name', 'back', '--restart', 'always', '--stop-timeout', '0', image, 'sleep', '1000');
  await docker.ok(
    'run',
    '-d',
    '--name',
    'gone',
    image,
    'sh',
    '-c',
    'trap "exit 23" TERM; while :; do usleep 10000; done',
  );
  const before = await docker.inspect('back');
  expect(await side.killDockerd('SIGTERM')).toEqual({ how: 'exit', value: 0 });
  await side.startDockerd();
  await eventually(async () => expect((await docker.inspect('back')).State.Status).toBe('running'));
  expect((await docker.inspect('back')).State.Pid).not.toBe(before.State.Pid);
  expect((await docker.inspect('gone')).State).toMatchObject({ Status: 'exited', ExitCode: 23 });
  await docker.ok('rm', '-f', 'back', 'gone');
});

scenario('after a crash of dockerd nothing of the containers it no longer wants is left', async (side) => {
  const { docker } = side;
  await docker.ok('run', '-d', '--name', 'crashed', '--stop-timeout', '0', image, 'sleep', '1000');
  const { Id, State } = await docker.inspect('crashed');
  await side.killDockerd();
  await side.startDockerd();
  await eventually(async () => expect((await docker.inspect('crashed')).State).toMatchObject({ Status: 'exited' }));
  expect((await docker.inspect('crashed')).Id).toBe(Id);
  expect(State.Pid).toBeGreaterThan(0);
  await docker.ok('start', 'crashed');
  await docker.ok('rm', '-f', 'crashed');
});
