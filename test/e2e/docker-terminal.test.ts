import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { TerminalSession, type TerminalSize } from '../helpers/pty.ts';

const { scenario } = onBoth((kind) => DockerSide.start(kind));

/** `docker` on a terminal of its own. */
const onTerminal = ({ docker }: DockerSide, args: readonly string[], size?: TerminalSize) =>
  new TerminalSession(docker.argv(...args), size);

scenario('run -it gives the container a terminal of the same size', async (side) => {
  const script = 'tty; until stty size | grep "33 111"; do usleep 10000; done; exit 9';
  await using session = onTerminal(side, ['run', '-it', '--rm', image, 'sh', '-c', script], { rows: 33, columns: 111 });
  expect(await session.ended()).toEqual({ code: 9, restored: true });
  expect(session.output).toMatch(/^\/dev\/pts\/0\r\n/);
  expect(session.output).toMatch(/33 111\r\n$/);
});

scenario('run -it carries what is typed, follows the size and ends with its input', async (side) => {
  await using session = onTerminal(side, ['run', '-it', '--rm', image]);
  await session.shows(/\/ # /);
  session.type('echo $((6 * 7))\n');
  await session.shows(/\n42\r/);
  session.resize({ rows: 50, columns: 132 });
  session.type('until stty size | grep "50 132"; do usleep 10000; done\n');
  await session.shows(/\n50 132\r/);
  session.type('\x04');
  expect(await session.ended()).toEqual({ code: 0, restored: true });
});

scenario('run -it passes the interrupt key to the container', async (side) => {
  const script = 'trap "echo interrupted; exit 5" INT; echo ready; while :; do usleep 10000; done';
  await using session = onTerminal(side, ['run', '-it', '--rm', image, 'sh', '-c', script]);
  await session.shows(/ready/);
  session.type('\x03');
  expect((await session.ended()).code).toBe(5);
  expect(session.output).toContain('interrupted');
});

scenario('exec -it has a terminal of its own', async (side) => {
  const { docker } = side;
  await docker.ok('run', '-d', '--name', 'host', image, 'sleep', '1000');
  const script = 'tty; until stty size | grep "25 90"; do usleep 10000; done; read line; echo "heard $line"; exit 4';
  await using session = onTerminal(side, ['exec', '-it', 'host', 'sh', '-c', script], { rows: 25, columns: 90 });
  await session.shows(/25 90/);
  session.type('hello\n');
  expect(await session.ended()).toEqual({ code: 4, restored: true });
  expect(session.output).toMatch(/^\/dev\/pts\/0\r\n/);
  expect(session.output).toContain('heard hello');
  await docker.ok('rm', '-f', 'host');
});

scenario('a client detaches by keys; another attaches and sees and types on', async (side) => {
  const { docker } = side;
  await using first = onTerminal(side, ['run', '-it', '--name', 'kept', image]);
  await first.shows(/\/ # /);
  first.type('\x10\x11');
  expect(await first.ended()).toEqual({ code: 0, restored: true });
  expect((await docker.inspect('kept')).State).toMatchObject({ Status: 'running' });
  await using second = onTerminal(side, ['attach', 'kept']);
  await using third = onTerminal(side, ['attach', 'kept']);
  // Attached once it sees what a key brings forth.
  third.type('\n');
  await third.shows(/\/ # /);
  second.type('echo both $((2 * 4))\n');
  await second.shows(/\nboth 8\r/);
  await third.shows(/\nboth 8\r/);
  second.type('exit 8\n');
  expect((await second.ended()).code).toBe(8);
  expect((await third.ended()).code).toBe(8);
  expect(await docker.ok('logs', 'kept')).toContain('both 8');
  await docker.ok('rm', 'kept');
});

scenario('a terminal without a client is written to and logged', async (side) => {
  const { docker } = side;
  await docker.ok('run', '-dt', '--name', 'alone', image, 'sh', '-c', 'tty; seq 1 10000; exit 2');
  expect(await docker.ok('wait', 'alone')).toBe('2\n');
  const lines = Array.from({ length: 10_000 }, (_, index) => `${index + 1}\r\n`).join('');
  expect((await docker.ok('logs', 'alone')) === `/dev/pts/0\r\n${lines}`).toBe(true);
  await docker.ok('rm', 'alone');
});
