import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachPathOf, logPathOf } from '../../cli/log/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { image, Side } from '../helpers/side.ts';

let side: Side;
let gantry: Gantry;

beforeAll(async () => {
  side = await Side.start('gantryd', { image: true });
  gantry = new Gantry(side);
});
afterAll(async () => side[Symbol.asyncDispose]());

function logPath(id: string): string {
  process.env['GANTRY_DATA'] = gantry.env['GANTRY_DATA'];
  const path = logPathOf({ address: side.daemon.address, namespace: side.namespace }, id);
  delete process.env['GANTRY_DATA'];
  return path;
}

const attachPath = (id: string) => attachPathOf({ address: side.daemon.address, namespace: side.namespace }, id);

test('a detached shell is attached to, left with the detach keys, and found again as it was', async () => {
  await gantry.ok('run', '-dit', '--name', 'shell', image, 'sh');
  const path = attachPath('shell');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  await using first = new TerminalSession(gantry.argv('attach', 'shell'), { rows: 30, columns: 100 });
  first.type('stty size; echo $((6 * 7))\n');
  await first.shows(/30 100\r+\n42\r/);
  first.resize({ rows: 31, columns: 101 });
  first.type('until stty size | grep "31 101"; do usleep 10000; done\n');
  await first.shows(/\n31 101\r/);
  // Another looks on, and types too.
  await using second = new TerminalSession(gantry.argv('attach', 'shell'));
  await second.shows(/42\r/);
  second.type('echo from-$((1 + 1))\n');
  await first.shows(/\nfrom-2\r/);
  first.type('\x10\x11');
  expect(await first.ended()).toEqual({ code: 0, restored: true });
  second.type('x=kept\n\x10\x11');
  expect((await second.ended()).code).toBe(0);
  await using third = new TerminalSession(gantry.argv('attach', '--detach-keys', 'ctrl-a', 'shell'));
  await third.shows(/from-2\r/);
  third.type('echo $x\n');
  await third.shows(/\nkept\r/);
  third.type('exit 5\n');
  expect(await third.ended()).toEqual({ code: 5, restored: true });
  expect(await gantry.ok('logs', 'shell')).toContain('\r\nkept\r\n');
  await gantry.ok('rm', 'shell');
});

test('many read and write through pipes, also while the daemon is down', async () => {
  await gantry.ok('run', '-d', '-i', '--name', 'cat', image, 'sh', '-c', 'cat; echo over >&2; exit 3');
  const one = gantry.start('attach', 'cat');
  const two = gantry.start('attach', 'cat');
  let seen = '';
  one.stdout.on('data', (text) => {
    seen += text;
  });
  one.stdin.write('from one\n');
  await eventually(() => expect(seen).toBe('from one\n'));
  await side.daemon.kill();
  two.stdin.end('from two\n');
  await eventually(() => expect(seen).toBe('from one\nfrom two\n'));
  const late = gantry.start('attach', '--no-stdin', 'cat');
  await new Promise((resolve) => late.stdout.once('data', resolve));
  await side.daemon.start();
  await side.client.service('containerd.services.tasks.v1.Tasks').CloseIO({ containerId: 'cat', stdin: true });
  const ends = await Promise.all([one, two, late]);
  for (const { exitCode, stdout, stderr } of ends) {
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 3, stdout: 'from one\nfrom two', stderr: 'over' });
  }
  await gantry.ok('rm', 'cat');
});

test('a reader that reads nothing holds the container up by nothing, and learns what it missed', async () => {
  const script = 'read x; seq 1 400000; echo done';
  await gantry.ok('run', '-d', '-i', '--name', 'flood', image, 'sh', '-c', script);
  const slow = gantry.start('attach', 'flood');
  slow.stdout.pause();
  slow.stdin.write('go\n');
  expect(await gantry.ok('wait', 'flood')).toBe('0\n');
  slow.stdout.resume();
  const { stderr, stdout } = await slow;
  expect(stderr).toMatch(/gantry: \d+ bytes of output were skipped: read too slowly/);
  expect(stdout).toMatch(/\ndone$/);
  const log = await gantry.ok('logs', 'flood');
  expect(log).toBe(`${Array.from({ length: 400_000 }, (_, n) => `${n + 1}\n`).join('')}done\n`);
  await gantry.ok('rm', 'flood');
});

test('what cannot be attached to says so', async () => {
  await gantry.ok('run', '-d', '--name', 'ended', image, 'true');
  await gantry.ok('wait', 'ended');
  const cases = [
    ['missing', /container "missing".*not found/],
    ['ended --detach-keys nonsense', /"nonsense" is not a key/],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stderr } = await gantry.try(['attach', ...args.split(' ')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  }
  // It has ended, but is not removed: its last output and its status are still there.
  expect(await gantry.try(['attach', 'ended'])).toMatchObject({ code: 0 });
  await gantry.ok('rm', 'ended');
});

test('logs: the last lines, since when, with times, both outputs apart', async () => {
  const script = 'for i in 1 2 3; do echo "out $i"; echo "err $i" >&2; usleep 1000; done; printf tail';
  await gantry.ok('run', '-d', '--name', 'talks', image, 'sh', '-c', script);
  await gantry.ok('wait', 'talks');
  expect(await gantry.try(['logs', '-f', 'talks'])).toEqual({
    code: 0,
    stdout: 'out 1\nout 2\nout 3\ntail',
    stderr: 'err 1\nerr 2\nerr 3\n',
  });
  expect(await gantry.ok('logs', '--tail', '1', 'talks')).toBe('tail');
  expect(await gantry.ok('logs', '--tail', '0', 'talks')).toBe('');
  expect(await gantry.ok('logs', '--since', '1h', 'talks')).toContain('out 1');
  expect(await gantry.ok('logs', '--since', '2100-01-01T00:00:00Z', 'talks')).toBe('');
  const [first = ''] = (await gantry.ok('logs', '-t', 'talks')).split('\n');
  expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z out 1$/);
  expect(await gantry.try(['logs', '--tail', 'x', 'talks'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"x"'),
  });
  expect(await gantry.try(['logs', '--since', 'x', 'talks'])).toMatchObject({ code: 1 });
  await gantry.ok('rm', 'talks');
});

test('a follower sees every line once while the log is rotated', async () => {
  // About half of these files are filled, so none is removed before it was read, however slow the reader is.
  const limits = ['--log-size', '64k', '--log-files', '400'];
  await gantry.ok('run', '-di', ...limits, '--name', 'rotates', image, 'sh', '-c', 'read x; seq 1 150000');
  const following = gantry.start('logs', '-f', 'rotates');
  const attached = gantry.start('attach', 'rotates');
  attached.stdin.write('go\n');
  expect((await attached).exitCode).toBe(0);
  const all = Array.from({ length: 150_000 }, (_, n) => `${n + 1}`).join('\n');
  const { stdout, stderr } = await following;
  expect({ stderr, isWhole: stdout === all, lines: stdout.split('\n').length }).toEqual({
    stderr: '',
    isWhole: true,
    lines: 150_000,
  });
  expect((await gantry.ok('logs', 'rotates')) === `${all}\n`).toBe(true);
  const path = logPath('rotates');
  expect(existsSync(`${path}.150`)).toBe(true);
  expect(existsSync(`${path}.399`)).toBe(false);
  expect(statSync(path).size).toBeLessThanOrEqual(64 * 1024);
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(64 * 1024);
  expect(readFileSync(`${path}.1`, 'utf8')).toMatch(/^\{"log":"\d+\\n","stream":"stdout","time":"[^"]+Z"\}\n/);
  await gantry.ok('rm', 'rotates');
  expect(() => statSync(path)).toThrow();
  expect(() => statSync(`${path}.1`)).toThrow();
});

test('no more files of a log are kept than asked, the newest', async () => {
  const limits = ['--log-size', '64k', '--log-files', '3'];
  await gantry.ok('run', '-d', ...limits, '--name', 'few', image, 'seq', '1', '20000');
  await gantry.ok('logs', '-f', 'few');
  const path = logPath('few');
  const kept = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
  expect(kept.sort()).toEqual(['', '.1', '.2'].map((end) => `${basename(path)}${end}`));
  const lines = (await gantry.ok('logs', 'few')).trimEnd().split('\n').map(Number);
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, n) => 20_000 - lines.length + n + 1));
  await gantry.ok('rm', 'few');
});
