import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { listProcesses } from '../helpers/processes.ts';
import { TerminalSession, type TerminalSize } from '../helpers/pty.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

/** Node's raw mode leaves the output processing of our terminal on, so that line ends come with one more CR. */
const plain = (output: string) => output.replaceAll(/\r+\n/g, '\n');

const onTerminal = (side: Side, args: readonly string[], size?: TerminalSize) =>
  new TerminalSession(new Gantry(side).argv(...args), size);

scenario('run -it gives the container a terminal of our size from the start', async (side) => {
  const args = ['run', '--rm', '-it', image, 'sh', '-c', 'tty; stty size; echo $TERM; exit 9'];
  await using session = onTerminal(side, args, { rows: 33, columns: 111 });
  expect(await session.ended()).toEqual({ code: 9, restored: true });
  expect(plain(session.output)).toBe('/dev/pts/0\n33 111\nxterm\n');
});

scenario('run -it carries what is typed, keys that mean something included', async (side) => {
  await using session = onTerminal(side, ['run', '--rm', '-it', image, 'sh']);
  await session.shows(/\/ # /);
  session.type('echo $((6 * 7))\n');
  await session.shows(/\n42\r/);
  session.type('sh -c "echo started; sleep 1000"\n');
  await session.shows(/\nstarted\r/);
  session.type('\x03');
  session.type('echo status $?\n');
  await session.shows(/\nstatus 130\r/);
  session.type('\x04');
  expect(await session.ended()).toEqual({ code: 0, restored: true });
});

scenario('run -it follows a change of size', async (side) => {
  await using session = onTerminal(side, ['run', '--rm', '-it', image, 'sh'], { rows: 20, columns: 70 });
  await session.shows(/\/ # /);
  session.resize({ rows: 50, columns: 132 });
  session.type('until stty size | grep "50 132"; do usleep 10000; done; exit\n');
  expect((await session.ended()).code).toBe(0);
  expect(session.output).toMatch(/\n50 132\r/);
});

scenario('the terminal is as before after a command that cannot be run', async (side) => {
  await using session = onTerminal(side, ['run', '--rm', '-it', image, 'nope']);
  expect(await session.ended()).toEqual({ code: 127, restored: true });
  expect(session.output).toContain('cannot run "nope"');
});

scenario('the terminal is as before when a signal ends the container', async (side) => {
  const script = 'trap "exit 6" TERM; echo ready; while :; do usleep 10000; done';
  await using session = onTerminal(side, ['run', '--rm', '-it', '--name', 'ended', image, 'sh', '-c', script]);
  await session.shows(/ready/);
  const marker = `${side.namespace}\0run\0--rm\0-it`;
  const client = await eventually(() => {
    const found = listProcesses().find(
      ({ pid }) => commandLine(pid).includes(marker) && commandLine(pid).includes('gantry.js'),
    );
    if (found === undefined) throw new Error('the client is not running');
    return found;
  });
  process.kill(client.pid, 'SIGTERM');
  expect(await session.ended()).toEqual({ code: 6, restored: true });
});

scenario('exec -it gives a terminal in a container without one', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('run', '-d', '--name', 'host', image, 'sleep', '1000');
  await using session = onTerminal(
    side,
    ['exec', '-it', 'host', 'sh', '-c', 'tty; stty size; read x; echo "got $x"; exit 4'],
    {
      rows: 11,
      columns: 44,
    },
  );
  await session.shows(/11 44/);
  session.type('text\n');
  expect(await session.ended()).toEqual({ code: 4, restored: true });
  expect(plain(session.output)).toMatch(/^\/dev\/pts\/\d\n11 44\ntext\ngot text\n$/);
  await gantry.ok('rm', '-f', 'host');
});

scenario('-t with -i needs a terminal to type at', async (side) => {
  const { stderr, code } = await new Gantry(side).try(['run', '--rm', '-it', image, 'true']);
  expect({ stderr, code }).toEqual({
    stderr: 'gantry: standard input is not a terminal: leave out --tty, or --interactive\n',
    code: 125,
  });
});

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
