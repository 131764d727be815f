import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

async function withContainer({ docker }: DockerSide, name: string, body: () => Promise<unknown>): Promise<unknown> {
  await docker.ok('run', '-d', '--name', name, image, 'sleep', '1000');
  const result = await body();
  await docker.ok('rm', '-f', name);
  return result;
}

scenario('exec prints both outputs, passes input and the exit code', (side) =>
  withContainer(side, 'executed', async () => {
    const { docker } = side;
    const script = 'cat; echo err >&2; exit 9';
    const output = await docker.try(['exec', '-i', 'executed', 'sh', '-c', script], { input: 'in\n' });
    expect(output).toEqual({ stdout: 'in\n', stderr: 'err\n', code: 9 });
    const flags = ['--user', 'nobody', '--workdir', '/tmp', '--env', 'A=b'];
    return docker.ok('exec', ...flags, 'executed', 'sh', '-c', 'id -u; pwd; echo $A');
  }),
);

scenario('nothing of a large output of an exec is lost', (side) =>
  withContainer(side, 'talkative', async () => {
    const output = await side.docker.ok('exec', 'talkative', 'sh', '-c', 'yes 0123456 | head -c 2097152');
    expect(output === '0123456\n'.repeat(1 << 18)).toBe(true);
  }),
);

scenario('exec -d runs on without its client', (side) =>
  withContainer(side, 'detaching', async () => {
    const { docker } = side;
    await docker.ok('exec', '-d', 'detaching', 'sh', '-c', 'usleep 100000; echo done > /tmp/done');
    await eventually(async () => expect(await docker.ok('exec', 'detaching', 'cat', '/tmp/done')).toBe('done\n'));
  }),
);

scenario('exec of a command that is not there, and in containers that do not run', async (side) => {
  const { docker } = side;
  const errors = await withContainer(side, 'refusing', async () => {
    const missing = await docker.try(['exec', 'refusing', 'not-there']);
    expect(missing.code).toBe(127 - 1);
    await docker.ok('pause', 'refusing');
    const paused = await docker.fails('exec', 'refusing', 'true');
    await docker.ok('unpause', 'refusing');
    expect(await docker.ok('exec', 'refusing', 'echo', 'again')).toBe('again\n');
    await docker.ok('kill', 'refusing');
    await docker.ok('wait', 'refusing');
    const stopped = await docker.fails('exec', 'refusing', 'true');
    const { Id } = await docker.inspect('refusing');
    return { missing, paused, stopped: stopped.replaceAll(Id, '<id>') };
  });
  return errors;
});

scenario('an exec ends with its container', (side) =>
  withContainer(side, 'ending', async () => {
    const { docker } = side;
    const exec = docker.start('exec', 'ending', 'sh', '-c', 'echo up; sleep 1000');
    exec.stdout.once('data', () => void docker.ok('kill', 'ending'));
    expect(await exec).toMatchObject({ stdout: 'up', exitCode: 137 });
    expect((await docker.inspect('ending')).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  }),
);

scenario('twenty execs at once', (side) =>
  withContainer(side, 'busy', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const run = (number: number) => side.docker.try(['exec', 'busy', 'sh', '-c', `echo ${number}; exit ${number}`]);
    const outputs = await Promise.all(numbers.map(run));
    expect(outputs).toEqual(numbers.map((number) => ({ stdout: `${number}\n`, stderr: '', code: number })));
  }),
);

scenario('health checks are execs whose result is seen', async ({ docker }) => {
  const check = [
    '--health-cmd',
    'echo checked; test -e /tmp/well',
    '--health-interval',
    '100ms',
    '--health-retries',
    '2',
  ];
  await docker.ok('run', '-d', '--name', 'checked', ...check, image, 'sleep', '1000');
  const health = async () => (await docker.inspect('checked')).State.Health;
  await eventually(async () => expect(await health()).toMatchObject({ Status: 'unhealthy' }));
  expect((await health())?.Log.at(-1)).toMatchObject({ ExitCode: 1, Output: 'checked\n' });
  await docker.ok('exec', 'checked', 'touch', '/tmp/well');
  await eventually(async () => expect(await health()).toMatchObject({ Status: 'healthy' }));
  expect((await health())?.Log.at(-1)).toMatchObject({ ExitCode: 0, Output: 'checked\n' });
  await docker.ok('rm', '-f', 'checked');
});

scenario('a health check that hangs is ended', async ({ docker }) => {
  const check = ['--health-cmd', 'sleep 1000', '--health-interval', '100ms', '--health-timeout', '200ms'];
  await docker.ok('run', '-d', '--name', 'hanging', ...check, '--health-retries', '1', image, 'sleep', '2000');
  const health = async () => (await docker.inspect('hanging')).State.Health;
  await eventually(async () => expect(await health()).toMatchObject({ Status: 'unhealthy' }));
  expect((await health())?.Log.at(-1)).toMatchObject({ ExitCode: -1 });
  await docker.ok('rm', '-f', 'hanging');
});
