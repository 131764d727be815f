import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import { readCgroupFile } from '../helpers/leak-guard.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: { config: { Env: ['PATH=/bin', 'FROM_IMAGE=yes'], WorkingDir: '/tmp' } } });

async function shell(side: Side, script: string, ...flags: string[]) {
  return new Gantry(side).try(['run', '--rm', ...flags, image, 'sh', '-c', script]);
}

/** Neither container nor snapshot nor task nor pipe is left. */
async function expectNothing(side: Side): Promise<void> {
  expect(await side.ctr.ok('containers', 'ls', '-q')).toBe('');
  expect(await side.ctr.ok('tasks', 'ls', '-q')).toBe('');
  expect(await side.ctr.ok('snapshots', 'ls')).not.toContain('Active');
  expect(await side.ctr.ok('leases', 'ls', '-q')).toBe('');
}

scenario('run prints both outputs and passes on the exit status', async (side) => {
  const output = await shell(side, 'echo out; echo err >&2; exit 7');
  expect(output).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 7 });
  await expectNothing(side);
});

scenario('run passes standard input on, and its end', async (side) => {
  const input = 'line of input\n'.repeat(100_000);
  const args = ['run', '--rm', '-i', image, 'wc', '-c'];
  expect(await new Gantry(side).try(args, input)).toEqual({ stdout: `${input.length}\n`, stderr: '', code: 0 });
});

scenario('run without -i gives the process an empty input', async (side) => {
  const output = await new Gantry(side).try(['run', '--rm', image, 'wc', '-c'], 'not for you');
  expect(output).toEqual({ stdout: '0\n', stderr: '', code: 0 });
});

scenario('run loses nothing of a large output', async (side) => {
  const { stdout, code } = await shell(side, 'yes 0123456789abcde | head -c 8388608');
  expect(code).toBe(0);
  expect(stdout).toBe('0123456789abcde\n'.repeat((8 << 20) / 16));
});

scenario('run loses nothing of an output that ends with the process', async (side) => {
  for (let round = 0; round < 5; round += 1) {
    expect((await shell(side, 'head -c 100000 /dev/zero | tr "\\0" x')).stdout.length).toBe(100_000);
  }
});

scenario('run keeps the container unless told otherwise', async (side) => {
  const gantry = new Gantry(side);
  expect(await gantry.try(['run', '--name', 'kept', image, 'sh', '-c', 'exit 3'])).toMatchObject({ code: 3 });
  expect(await gantry.json('ps', '-a')).toMatchObject([{ id: 'kept', status: 'stopped', exitStatus: 3, pid: null }]);
  expect(await gantry.ok('rm', 'kept')).toBe('kept\n');
  await expectNothing(side);
});

scenario('run takes environment and folder from the image and from its flags', async (side) => {
  expect((await shell(side, 'pwd; echo $FROM_IMAGE')).stdout).toBe('/tmp\nyes\n');
  const flags = ['-e', 'FROM_IMAGE=no', '--env', 'A=1 2', '-w', '/etc', '--hostname', 'box'];
  expect((await shell(side, 'pwd; echo $FROM_IMAGE; echo "$A"; hostname', ...flags)).stdout).toBe(
    '/etc\nno\n1 2\nbox\n',
  );
});

scenario('run mounts folders of the host', async (side) => {
  const folder = join(side.daemon.folder, 'host');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'given'), 'from host\n');
  const flags = ['-v', `${folder}:/v`, '--mount', `type=bind,src=${folder},dst=/m,options=rbind:ro`];
  const script = 'cat /v/given /m/given; echo from container > /v/made; echo x > /m/made2';
  const { stdout, code } = await shell(side, script, ...flags, '--mount', 'type=tmpfs,dst=/t,options=size=64k');
  expect(stdout).toBe('from host\nfrom host\n');
  expect(code).toBe(1);
  expect(readFileSync(join(folder, 'made'), 'utf8')).toBe('from container\n');
  const missing = await shell(side, 'true', '-v', '/does/not/exist:/x');
  expect(missing).toMatchObject({
    code: 125,
    stderr: 'gantry: mount "/does/not/exist:/x": /does/not/exist does not exist\n',
  });
});

scenario('run --read-only lets nothing be written', async (side) => {
  const { code, stderr } = await shell(side, 'echo x > /file', '--read-only');
  expect(code).toBe(1);
  expect(stderr).toContain('Read-only file system');
});

scenario('run limits memory and processors', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('run', '-d', '--name', 'limited', '-m', '64m', '--cpus', '0.5', image, 'sleep', '1000');
  const limit = readCgroupFile(side.namespace, 'limited', 'memory.limit_in_bytes', 'memory.max');
  expect(limit).toBe(String(64 * 1024 * 1024));
  expect(readCgroupFile(side.namespace, 'limited', 'cpu.cfs_quota_us', 'cpu.max')).toMatch(/^50000/);
  await gantry.ok('rm', '-f', 'limited');
});

scenario("run has a network of its own, or the host's", async (side) => {
  expect((await shell(side, 'cat /proc/net/dev | grep -c :')).stdout).toBe('1\n');
  const { stdout } = await shell(side, 'readlink /proc/self/ns/net; cat /etc/hosts', '--net', 'host');
  expect(stdout).toContain(readFileSync('/etc/hosts', 'utf8'));
});

scenario('run tells a command that cannot be run from a failure of its own', async (side) => {
  const gantry = new Gantry(side);
  expect(await gantry.try(['run', '--rm', image, 'nope'])).toEqual({
    stdout: '',
    stderr: 'gantry: cannot run "nope": executable file not found in $PATH\n',
    code: 127,
  });
  expect(await gantry.try(['run', '--rm', image, '/bin/nope'])).toMatchObject({ code: 127 });
  expect(await gantry.try(['run', '--rm', image, '/etc/passwd'])).toEqual({
    stdout: '',
    stderr: 'gantry: cannot run "/etc/passwd": permission denied\n',
    code: 126,
  });
  const failures = [
    [
      ['run', '--pull', 'never', 'no-such-image'],
      /^gantry: image "no-such-image": not found .*"gantry pull" and "gantry import"/,
    ],
    [['run', '--pull', 'x', image], /^gantry: --pull "x": must be always, missing or never/],
    [['run', 'Bad:Reference'], /^gantry: invalid reference "Bad:Reference": repository name must be lowercase\n$/],
    [['run', '--name', 'a/b', image, 'true'], /^gantry: container id "a\/b" must match pattern/],
    [['run', '--name', 'x'.repeat(77), image, 'true'], /greater than maximum length/],
    [['run', '--user', 'nobody-here', image, 'true'], /^gantry: user "nobody-here": not found/],
    [['run', '--user', '4294967296', image, 'true'], /out of range/],
    [['run', '--memory', 'lots', image, 'true'], /"lots" is not a size/],
    [['run', '-d', '--rm', image, 'true'], /exclude each other/],
    [['run', '--no-such-flag', image], /unknown option/],
  ] as const;
  for (const [args, message] of failures) {
    const { stderr, code } = await gantry.try(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(code).toBe(125);
  }
  await expectNothing(side);
});

scenario('run refuses an id that exists and leaves the older container alone', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('run', '-d', '--name', 'twice', image, 'sh', '-c', 'echo first; sleep 1000');
  const { stderr, code } = await gantry.try(['run', '-d', '--name', 'twice', image, 'echo', 'second']);
  expect({ stderr, code }).toEqual({ stderr: 'gantry: container "twice": already exists\n', code: 125 });
  expect(await gantry.json('ps')).toMatchObject([{ id: 'twice', status: 'running' }]);
  await gantry.ok('rm', '-f', 'twice');
});

scenario('run passes signals on', async (side) => {
  const script = 'trap "echo terminated; exit 5" TERM; echo ready; while :; do usleep 10000; done';
  const running = new Gantry(side).start('run', '--rm', image, 'sh', '-c', script);
  running.stdout.once('data', () => running.kill('SIGTERM'));
  expect(await running).toMatchObject({ stdout: 'ready\nterminated', exitCode: 5 });
});

scenario('run kills a process that ignores the third request to end', async (side) => {
  const running = new Gantry(side).start(
    'run',
    '--rm',
    image,
    'sh',
    '-c',
    'trap "echo no" INT; echo no; while :; do usleep 10000; done',
  );
  // One signal for each time the process has said that it ignores the one before.
  running.stdout.on('data', () => running.kill('SIGINT'));
  expect(await running).toMatchObject({ exitCode: 137 });
  await expectNothing(side);
});

scenario('run ends when nobody reads its output any more', async (side) => {
  const running = new Gantry(side).start('run', '--rm', image, 'yes');
  running.stdout.once('data', () => running.stdout.destroy());
  expect(await running).toMatchObject({ exitCode: 141 });
  await expectNothing(side);
});

scenario('run --json reports the end beside the output', async (side) => {
  const { stdout, stderr, code } = await new Gantry(side).try([
    'run',
    '--rm',
    '--json',
    '--name',
    'told',
    image,
    'sh',
    '-c',
    'echo x; exit 4',
  ]);
  expect({ stdout, code }).toEqual({ stdout: 'x\n', code: 4 });
  expect(JSON.parse(stderr)).toEqual({ id: 'told', exitStatus: 4, exitedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
});
