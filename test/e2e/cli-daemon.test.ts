import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { repository } from '../helpers/paths.ts';
import { image } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });
const command = join(repository, 'bin/gantry');
const versionBudgetMs = 100;

scenario('version tells of both sides', async (side) => {
  const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  const gantry = new Gantry(side);
  expect(await gantry.json('version')).toMatchObject({
    client: { version: own.version },
    server: { version: expect.stringMatching(/^\d+\.\d+/), address: side.daemon.address },
  });
  expect(await gantry.ok('version')).toMatch(
    new RegExp(`^Client:\\n  Version: +${own.version}\\n(.|\\n)*Server:\\n  Version: `),
  );
});

scenario('version starts in no time', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('version'); // what is compiled now is kept
  const [file = '', ...args] = gantry.argv('version');
  const timesMs = Array.from({ length: 15 }, () => {
    const startedAtMs = performance.now();
    execFileSync(file, args);
    return performance.now() - startedAtMs;
  });
  // The best of many: what is measured is this program, not what else the machine does.
  expect(Math.min(...timesMs)).toBeLessThan(versionBudgetMs);
});

scenario('options may stand before and after the command, or in the environment', async (side) => {
  const { address } = side.daemon;
  const run = (args: string[], env: Record<string, string>) => execa(command, args, { env, extendEnv: true });
  const namespaced = ['-n', side.namespace];
  expect((await run(['-a', address, ...namespaced, '--json', 'ps'], {})).stdout).toBe('[]');
  expect((await run(['ps', '--address', address, '--json', ...namespaced], {})).stdout).toBe('[]');
  const env = { CONTAINERD_ADDRESS: address, CONTAINERD_NAMESPACE: side.namespace };
  expect((await run(['images', '--json'], env)).stdout).toContain(image);
});

scenario('events prints what happens', async (side) => {
  const gantry = new Gantry(side);
  const filter = `namespace==${side.namespace},topic~=/tasks/`;
  const watching = gantry.start('events', '--json', filter);
  let output = '';
  watching.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  await eventually(async () => {
    // Subscribing is not acknowledged: the first container whose events show proves it.
    expect(await gantry.try(['run', '--rm', '--name', 'seen', image, 'sh', '-c', 'exit 3'])).toMatchObject({ code: 3 });
    expect(output).toContain('/tasks/delete');
  });
  watching.kill();
  await watching;
  const events = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const exit = events.find(({ topic }) => topic === '/tasks/exit');
  expect(exit).toMatchObject({
    namespace: side.namespace,
    type: 'containerd.events.TaskExit',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    event: { containerId: 'seen', exitStatus: 3 },
  });
});

scenario('a reader that leaves ends a list quietly', async (side) => {
  const gantry = new Gantry(side);
  const listing = gantry.start('events');
  listing.stdout.destroy();
  let isOver = false;
  void listing.finally(() => {
    isOver = true;
  });
  await eventually(async () => {
    await gantry.ok('run', '--rm', image, 'true');
    expect(isOver).toBe(true);
  });
  expect(await listing).toMatchObject({ exitCode: 141, stderr: '' });
});

test.each(['ps', 'images', 'version', 'events'])('%s says which daemon it cannot reach', async (name) => {
  const { stderr, exitCode } = await execa(command, ['-a', '/no/such.sock', name], { reject: false });
  expect({ stderr, exitCode }).toEqual({
    stderr: 'gantry: cannot connect to gantryd at /no/such.sock: is it running? (no such socket)',
    exitCode: 1,
  });
});

test.each([
  [['bogus'], "gantry: unknown command 'bogus'"],
  [['ps', '--nope'], "gantry: unknown option '--nope'"],
  [['rm'], "gantry: missing required argument 'container'"],
])('a command line that cannot be read is answered in one line: %j', async (args, message) => {
  const { stderr, exitCode } = await execa(command, args, { reject: false });
  expect(stderr.split('\n')).toHaveLength(1);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(1);
});

test('the command runs through a link from anywhere', async () => {
  const { stdout: folder } = await execa('mktemp', ['-d']);
  try {
    symlinkSync(command, join(folder, 'g'));
    expect((await execa(join(folder, 'g'), ['--version'], { cwd: '/' })).stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await execa('./gantry', ['--version'], { cwd: join(repository, 'bin') })).stdout).toMatch(/^\d+/);
  } finally {
    await execa('rm', ['-r', folder]);
  }
});
