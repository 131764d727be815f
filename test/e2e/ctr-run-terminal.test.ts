import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { TerminalSession, type TerminalSize } from '../helpers/pty.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

/** `ctr` on a terminal of its own. */
const onTerminal = ({ ctr }: Side, args: readonly string[], size?: TerminalSize) =>
  new TerminalSession(ctr.argv(...args), size);

/** Waits for the client, which sets the size only after the start. */
const showSize = 'until stty size 2>/dev/null | grep .; do usleep 10000; done';

/** The client keeps the output processing of its own terminal, so that line ends come with more than one CR. */
const plain = (output: string) => output.replaceAll(/\r+\n/g, '\n');

scenario('run -t gives the container a terminal of the same size', async (side) => {
  const args = ['run', '-t', '--rm', image, 'sized', 'sh', '-c', `tty; ${showSize}; exit 9`];
  await using session = onTerminal(side, args, { rows: 33, columns: 111 });
  expect(await session.ended()).toEqual({ code: 9, restored: true });
  expect(plain(session.output)).toBe('/dev/pts/0\n33 111\n');
});

scenario('run -t carries what is typed, and a hang-up by end of input', async (side) => {
  await using session = onTerminal(side, ['run', '-t', '--rm', image, 'typed', 'sh']);
  await session.shows(/\/ # /);
  session.type('echo $((6 * 7))\n');
  await session.shows(/\n42\r/);
  session.type('\x04');
  expect(await session.ended()).toEqual({ code: 0, restored: true });
});

scenario('run -t follows a change of size', async (side) => {
  await using session = onTerminal(side, ['run', '-t', '--rm', image, 'resized', 'sh'], { rows: 20, columns: 70 });
  await session.shows(/\/ # /);
  session.resize({ rows: 50, columns: 132 });
  session.type('until stty size | grep "50 132"; do usleep 10000; done; exit\n');
  expect((await session.ended()).code).toBe(0);
  expect(session.output).toMatch(/\n50 132\r/);
});

scenario('run -t passes the interrupt key to the container', async (side) => {
  const script = 'trap "echo interrupted; exit 5" INT; echo ready; while :; do usleep 10000; done';
  await using session = onTerminal(side, ['run', '-t', '--rm', image, 'interrupt', 'sh', '-c', script]);
  await session.shows(/ready/);
  session.type('\x03');
  expect((await session.ended()).code).toBe(5);
  expect(session.output).toContain('interrupted');
});

scenario('a terminal merges both outputs', async (side) => {
  const args = ['run', '-t', '--rm', image, 'merged', 'sh', '-c', 'echo out; echo err >&2'];
  await using session = onTerminal(side, args);
  expect((await session.ended()).code).toBe(0);
  expect(plain(session.output)).toBe('out\nerr\n');
});

scenario('tasks exec -t has a terminal of its own', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'host', 'sleep', '1000');
  const args = ['tasks', 'exec', '-t', '--exec-id', 'shell', 'host', 'sh', '-c', `tty; ${showSize}; exit 4`];
  await using session = onTerminal(side, args, { rows: 25, columns: 90 });
  expect(await session.ended()).toEqual({ code: 4, restored: true });
  expect(plain(session.output)).toBe('/dev/pts/0\n25 90\n');
  await ctr.ok('tasks', 'rm', '-f', 'host');
  await ctr.ok('containers', 'rm', 'host');
});

scenario('tasks attach to a container with a terminal', async (side) => {
  const { ctr } = side;
  const script = 'while read line; do echo "heard $line"; done';
  // Detached from its first client, the terminal is read and typed at by whoever attaches.
  await using first = onTerminal(side, ['run', '-t', '-d', image, 'attachable', 'sh', '-c', script]);
  expect((await first.ended()).code).toBe(0);
  await using second = onTerminal(side, ['tasks', 'attach', 'attachable']);
  second.type('hello\n');
  await second.shows(/heard hello/);
  second.type('\x04');
  expect((await second.ended()).code).toBe(0);
  // The client that saw the end has deleted the task.
  await ctr.ok('containers', 'rm', 'attachable');
});
