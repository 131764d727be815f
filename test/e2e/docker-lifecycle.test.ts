import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { type Docker, dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

/** Ends in order with status 21 when it is told to. */
const obedient = 'trap "echo told; exit 21" TERM; echo ready; while :; do usleep 10000; done';

/** Starts a container that runs a script; returns when it has printed "ready". */
async function startScript(docker: Docker, name: string, script: string, ...flags: string[]): Promise<void> {
  await docker.ok('run', '-d', '--name', name, ...flags, image, 'sh', '-c', script);
  await eventually(async () => expect(await docker.ok('logs', name)).toContain('ready\n'));
}

scenario('stop asks first', async ({ docker }) => {
  await startScript(docker, 'asked', obedient);
  await docker.ok('stop', 'asked');
  expect((await docker.inspect('asked')).State).toMatchObject({ Status: 'exited', ExitCode: 21, Pid: 0 });
  expect(await docker.ok('logs', 'asked')).toBe('ready\ntold\n');
  await docker.ok('rm', 'asked');
});

scenario('stop kills who does not listen, when the time is over', async ({ docker }) => {
  await startScript(docker, 'deaf', 'trap "" TERM; echo ready; while :; do usleep 10000; done');
  const startedAt = performance.now();
  await docker.ok('stop', '--time', '1', 'deaf');
  expect(performance.now() - startedAt).toBeGreaterThan(1000);
  expect((await docker.inspect('deaf')).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  await docker.ok('rm', 'deaf');
});

scenario('stop sends the signal that the container asks for', async ({ docker }) => {
  await startScript(
    docker,
    'usr1',
    'trap "exit 30" USR1; echo ready; while :; do usleep 10000; done',
    '--stop-signal',
    'USR1',
  );
  await docker.ok('stop', 'usr1');
  expect((await docker.inspect('usr1')).State.ExitCode).toBe(30);
  await docker.ok('rm', 'usr1');
});

scenario('kill sends any signal; what cannot be killed is refused', async ({ docker }) => {
  await startScript(
    docker,
    'killed',
    'trap "echo hup" HUP; trap "exit 31" USR2; echo ready; while :; do usleep 10000; done',
  );
  await docker.ok('kill', '-s', 'HUP', 'killed');
  await eventually(async () => expect(await docker.ok('logs', 'killed')).toBe('ready\nhup\n'));
  await docker.ok('kill', '-s', '12', 'killed');
  expect(await docker.ok('wait', 'killed')).toBe('31\n');
  const { Id } = await docker.inspect('killed');
  const again = await docker.fails('kill', 'killed');
  await docker.ok('rm', 'killed');
  return again.replaceAll(Id, '<id>');
});

scenario('pause stops a container and unpause lets it go on', async ({ docker }) => {
  await startScript(docker, 'paused', 'echo ready; i=0; while :; do i=$((i + 1)); echo $i > /tmp/i; usleep 5000; done');
  await docker.ok('pause', 'paused');
  expect((await docker.inspect('paused')).State).toMatchObject({ Status: 'paused', Paused: true, Running: true });
  const refused = await docker.fails('pause', 'paused');
  await docker.ok('unpause', 'paused');
  expect((await docker.inspect('paused')).State).toMatchObject({ Status: 'running', Paused: false });
  const count = async () => Number(await docker.ok('exec', 'paused', 'cat', '/tmp/i'));
  const before = await count();
  await eventually(async () => expect(await count()).toBeGreaterThan(before));
  // A paused container is ended by a kill all the same.
  await docker.ok('pause', 'paused');
  await docker.ok('kill', 'paused');
  await eventually(async () =>
    expect((await docker.inspect('paused')).State).toMatchObject({ ExitCode: 137, Paused: false }),
  );
  const { Id } = await docker.inspect('paused');
  await docker.ok('rm', 'paused');
  return refused.replaceAll(Id, '<id>');
});

scenario('restart ends and starts', async ({ docker }) => {
  await startScript(docker, 'again', obedient);
  const before = await docker.inspect('again');
  await docker.ok('restart', 'again');
  const after = await docker.inspect('again');
  expect(after.State).toMatchObject({ Status: 'running' });
  expect(after.State.Pid).not.toBe(before.State.Pid);
  await eventually(async () => expect(await docker.ok('logs', 'again')).toBe('ready\ntold\nready\n'));
  await docker.ok('rm', '-f', 'again');
  expect(exists(after.State.Pid)).toBe(false);
});

scenario('everybody who waits is told', async ({ docker }) => {
  await docker.ok('run', '-d', '--name', 'awaited', image, 'sleep', '1000');
  const waiting = Array.from({ length: 5 }, () => docker.ok('wait', 'awaited'));
  await docker.ok('kill', '-s', 'KILL', 'awaited');
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => '137\n'));
  await docker.ok('rm', 'awaited');
});

scenario('top lists the processes', async ({ docker }) => {
  await startScript(docker, 'listed', 'sleep 1000 & sleep 2000 & echo ready; wait');
  const exec = docker.start('exec', 'listed', 'sh', '-c', 'echo up; exec sleep 3000');
  await new Promise((resolve) => exec.stdout.once('data', resolve));
  const list = async () => (await docker.ok('top', 'listed', '-o', 'pid,args')).split('\n').slice(1, -1);
  await eventually(async () => expect((await list()).filter((line) => line.includes('sleep 3000'))).toHaveLength(1));
  const pids = (await list()).map((line) => Number(/^\d+/.exec(line)?.[0]));
  expect(pids).toContain((await docker.inspect('listed')).State.Pid);
  await docker.ok('rm', '-f', 'listed');
  expect((await exec).exitCode).toBe(137);
  expect(pids.filter(exists)).toEqual([]);
  return pids.length;
});

scenario('events are told in order, once each', async ({ docker }) => {
  const since = `${Date.now() / 1000}`;
  await docker.ok('run', '-d', '--name', 'told', image, 'sleep', '1000');
  await docker.ok('exec', 'told', 'true');
  await docker.ok('pause', 'told');
  await docker.ok('unpause', 'told');
  await docker.ok('kill', 'told');
  await docker.ok('wait', 'told');
  await docker.ok('rm', 'told');
  const until = `${Date.now() / 1000 + 0.001}`;
  const format = '{{.Action}} {{.Actor.Attributes.exitCode}}';
  const lines = await docker.ok(
    'events',
    '--since',
    since,
    '--until',
    until,
    '--filter',
    'type=container',
    '--format',
    format,
  );
  return lines
    .replaceAll('<no value>', '')
    .split('\n')
    .map((line) => line.trim());
});
