import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseLogUri } from '../../cli/log/uri.ts';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

const counter = 'i=0; while [ $i -lt 40 ]; do echo "line $i"; i=$((i + 1)); usleep 50000; done; echo last >&2; exit 7';
const counted = `${Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('')}last\n`;

/** Both outputs of `gantry logs`; a shim other than ours writes them into one file. */
const logsOf = async (side: Side, ...args: string[]) => {
  const { stdout, stderr, code } = await new Gantry(side).try(['logs', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: side.kind === 'gantryd' && stdout !== '' ? stderr : '' });
  return stdout + stderr;
};

const runDetached = (side: Side, id: string, ...command: string[]) =>
  new Gantry(side).ok('run', '-d', '--name', id, image, ...command);

scenario('run -d leaves a container running whose output and end can be asked for', async (side) => {
  const gantry = new Gantry(side);
  expect(await runDetached(side, 'counts', 'sh', '-c', counter)).toBe('counts\n');
  expect(await gantry.json('ps')).toMatchObject([{ id: 'counts', image, status: 'running', exitStatus: null }]);
  expect(await logsOf(side, '-f', 'counts')).toBe(counted);
  expect(await gantry.ok('wait', 'counts')).toBe('7\n');
  expect(await gantry.ok('ps')).not.toContain('counts');
  expect(await gantry.ok('ps', '-a')).toMatch(/^counts .* exited \(7\)/m);
  expect(await logsOf(side, 'counts')).toBe(counted);
  const [first = ''] = (await gantry.ok('logs', '--json', 'counts')).split('\n');
  expect(JSON.parse(first)).toMatchObject({ line: 'line 0' });
  expect(await gantry.ok('rm', 'counts')).toBe('counts\n');
  expect(await gantry.try(['logs', 'counts'])).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') });
});

scenario('neither output nor status is lost when the daemon is killed', async (side) => {
  const gantry = new Gantry(side);
  await runDetached(side, 'survives', 'sh', '-c', counter);
  const following = gantry.start('logs', '-f', 'survives');
  const waiting = gantry.start('wait', 'survives');
  await eventually(async () => expect(await gantry.ok('logs', 'survives')).toContain('line 3\n'));
  await side.daemon.kill();
  const { stdout, code } = await gantry.try(['logs', 'survives']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^line 0\nline 1\n/);
  expect(await gantry.try(['ps'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^gantry: cannot connect to gantryd at .*: is it running\?/),
  });
  await side.daemon.start();
  const { stdout: out, stderr: err, exitCode } = await following;
  expect({ output: `${out}\n${err}`.trimEnd(), exitCode }).toEqual({ output: counted.trimEnd(), exitCode: 0 });
  expect(await waiting).toMatchObject({ stdout: '7', exitCode: 0 });
  await gantry.ok('rm', 'survives');
});

scenario('an attached run goes on while the daemon is restarted', async (side) => {
  const running = new Gantry(side).start('run', '--name', 'attached', image, 'sh', '-c', counter);
  await new Promise((resolve) => running.stdout.once('data', resolve));
  await side.daemon.crash();
  const { stdout, stderr, exitCode } = await running;
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: counted.replace('\nlast\n', ''),
    stderr: 'last',
    exitCode: 7,
  });
  await new Gantry(side).ok('rm', 'attached');
});

scenario('kill sends the signal that is named', async (side) => {
  const gantry = new Gantry(side);
  const script = 'trap "echo usr1; exit 8" USR1; echo ready; while :; do usleep 10000; done';
  await runDetached(side, 'handles', 'sh', '-c', script);
  await eventually(async () => expect(await gantry.ok('logs', 'handles')).toContain('ready'));
  expect(await gantry.ok('kill', '-s', 'usr1', 'handles')).toBe('handles\n');
  expect(await gantry.json('wait', 'handles')).toMatchObject([{ id: 'handles', exitStatus: 8 }]);
  await runDetached(side, 'ignores', 'sleep', '1000');
  await gantry.ok('kill', 'ignores');
  expect(await gantry.ok('wait', 'ignores')).toBe('137\n');
  expect(await gantry.try(['kill', '-s', 'NOPE', 'ignores'])).toMatchObject({
    code: 1,
    stderr: 'gantry: "NOPE" is not a signal\n',
  });
  expect(await gantry.ok('rm', 'handles', 'ignores')).toBe('handles\nignores\n');
});

scenario('rm goes on after a failure and kills only when told to', async (side) => {
  const gantry = new Gantry(side);
  await runDetached(side, 'runs', 'sleep', '1000');
  const uri = (await gantry.json<{ labels: Record<string, string> }[]>('ps'))[0]?.labels['gantry.io/log-uri'] ?? '';
  const log = parseLogUri(uri)?.path ?? '';
  expect(existsSync(log)).toBe(true);
  const refused = await gantry.try(['rm', 'missing', 'runs']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/container "missing".*not found.*\ngantry: container "runs": is running; .*force\n$/s);
  expect(await gantry.try(['rm', '-f', 'missing', 'runs'])).toMatchObject({ code: 1, stdout: 'runs\n' });
  expect(existsSync(log)).toBe(false);
  expect(existsSync(join(side.daemon.folder, 'cli'))).toBe(true);
});

scenario('a detached container that cannot start leaves neither container nor log', async (side) => {
  const gantry = new Gantry(side);
  expect(await gantry.try(['run', '-d', '--name', 'never', image, 'nope'])).toMatchObject({ code: 127 });
  expect(await gantry.json('ps', '-a')).toEqual([]);
  expect(await gantry.try(['logs', 'never'])).toMatchObject({ code: 1 });
});
