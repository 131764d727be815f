import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: { config: { Env: ['PATH=/bin', 'FROM_IMAGE=yes'], WorkingDir: '/tmp' } } });

/** `ctr run --rm` of a shell script; flags go before the image. */
async function shell({ ctr }: Side, id: string, script: string, ...flags: string[]) {
  return ctr.try(['run', '--rm', ...flags, image, id, 'sh', '-c', script]);
}

/** Neither container nor snapshot nor task of that id is left. */
async function expectGone({ ctr }: Side, id: string): Promise<void> {
  expect(await ctr.ok('containers', 'ls', '-q')).not.toContain(id);
  expect(await ctr.ok('tasks', 'ls', '-q')).not.toContain(id);
  expect(await ctr.ok('snapshots', 'ls')).not.toMatch(new RegExp(`^${id}\\b`, 'm'));
}

scenario('run prints both outputs and passes on the exit code', async (side) => {
  const output = await shell(side, 'both-outputs', 'echo out; echo err >&2; exit 7');
  expect(output).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 7 });
  await expectGone(side, 'both-outputs');
});

scenario('run passes standard input on', async ({ ctr }) => {
  const input = 'line of input\n'.repeat(100_000);
  const output = await ctr.try(['run', '--rm', image, 'counts', 'sh', '-c', `head -c ${input.length} | wc -c`], {
    input,
  });
  expect(output).toEqual({ stdout: `${input.length}\n`, stderr: '', code: 0 });
});

scenario('run passes the end of standard input on', async ({ ctr }) => {
  const process = ctr.start('run', '--rm', image, 'reads-to-end', 'sh', '-c', 'echo ready; wc -c');
  // This client forgets an end of input that comes before the task exists.
  process.stdout.once('data', () => process.stdin.end('12345'));
  expect(await process).toMatchObject({ stdout: 'ready\n5', exitCode: 0 });
});

scenario('run loses nothing of a large output', async (side) => {
  const { stdout, code } = await shell(side, 'large', 'yes 0123456789abcde | head -c 8388608');
  expect(code).toBe(0);
  expect(stdout.length).toBe(8 << 20);
  expect(stdout).toBe('0123456789abcde\n'.repeat((8 << 20) / 16));
});

scenario('run of an output that ends with the process', async (side) => {
  const outputs = [];
  for (const id of ['fast-1', 'fast-2', 'fast-3', 'fast-4', 'fast-5']) {
    outputs.push((await shell(side, id, 'head -c 100000 /dev/zero | tr "\\0" x')).stdout.length);
  }
  expect(outputs).toEqual([100_000, 100_000, 100_000, 100_000, 100_000]);
});

scenario('run takes user, folder and environment of the image', async (side) => {
  const { stdout } = await shell(side, 'defaults', 'id; pwd; echo $FROM_IMAGE; hostname | wc -c');
  expect(stdout).toMatch(/^uid=0\(root\) gid=0\(root\).*\n\/tmp\nyes\n/);
  return stdout.split('\n').slice(0, 3);
});

scenario('run --env adds and overrides', async (side) => {
  const { stdout } = await shell(side, 'env', 'echo $ADDED-$FROM_IMAGE', '--env', 'ADDED=1', '--env', 'FROM_IMAGE=no');
  expect(stdout).toBe('1-no\n');
});

scenario('run --cwd', async (side) => {
  expect((await shell(side, 'cwd', 'pwd', '--cwd', '/etc')).stdout).toBe('/etc\n');
  const made = await shell(side, 'cwd-made', 'pwd', '--cwd', '/not/there/yet');
  expect(made.stdout).toBe('/not/there/yet\n');
});

scenario('run --mount shows a folder of the host, read-only or not', async (side) => {
  const folder = side.daemon.folder;
  const file = join(folder, 'shared');
  await writeFile(file, 'from the host\n');
  const readOnly = `type=bind,src=${folder},dst=/mnt/host,options=rbind:ro`;
  const first = await shell(side, 'mount-ro', 'cat /mnt/host/shared; echo x > /mnt/host/shared', '--mount', readOnly);
  expect(first.stdout).toBe('from the host\n');
  expect(first.stderr).toContain('Read-only file system');
  const writable = `type=bind,src=${folder},dst=/mnt/host,options=rbind:rw`;
  await shell(side, 'mount-rw', 'echo from the container > /mnt/host/shared', '--mount', writable);
  expect(await readFile(file, 'utf8')).toBe('from the container\n');
  const tmpfs = await shell(side, 'mount-tmpfs', 'mount | grep /scratch', '--mount', 'type=tmpfs,src=t,dst=/scratch');
  expect(tmpfs.stdout).toMatch(/^t on \/scratch type tmpfs/);
});

scenario('run --mount of a source that does not exist fails and leaves nothing', async (side) => {
  const mount = 'type=bind,src=/not/there,dst=/mnt,options=rbind:ro';
  const { code, stderr } = await shell(side, 'mount-absent', 'true', '--mount', mount);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\/not\/there.*no such file or directory/);
  await expectGone(side, 'mount-absent');
});

scenario('run --read-only protects the root file system', async (side) => {
  const { stderr, code } = await shell(side, 'read-only', 'echo x > /etc/motd', '--read-only');
  expect(code).not.toBe(0);
  expect(stderr).toContain('Read-only file system');
  return stderr;
});

scenario('what one container writes is not seen by the next', async (side) => {
  await shell(side, 'writes', 'echo x > /etc/mine');
  expect((await shell(side, 'looks', 'ls /etc/mine')).code).toBe(1);
});

scenario('run --pid-file, --label and --annotation', async (side) => {
  const { ctr, daemon } = side;
  const pidFile = join(daemon.folder, 'pid');
  const flags = ['--pid-file', pidFile, '--label', 'colour=red', '--annotation', 'size=big'];
  await ctr.ok('run', '-d', ...flags, image, 'annotated', 'sleep', '1000');
  expect(existsSync(`/proc/${await readFile(pidFile, 'utf8')}`)).toBe(true);
  const info = JSON.parse(await ctr.ok('containers', 'info', 'annotated')) as {
    Labels: Record<string, string>;
    Spec: { annotations: Record<string, string> };
  };
  expect(info.Labels).toMatchObject({ colour: 'red' });
  expect(info.Spec.annotations).toMatchObject({ size: 'big' });
  await ctr.ok('tasks', 'rm', '-f', 'annotated');
  await ctr.ok('containers', 'rm', 'annotated');
});

scenario('run --null-io', async ({ ctr }) => {
  const output = await ctr.try(['run', '--rm', '--null-io', image, 'null-io', 'sh', '-c', 'echo lost; exit 3']);
  expect(output).toEqual({ stdout: '', stderr: '', code: 3 });
});

scenario('run --rootfs of a plain folder', async ({ ctr, daemon }) => {
  const folder = join(daemon.folder, 'rootfs', 'bin');
  await mkdir(folder, { recursive: true });
  await copyFile('/bin/busybox', join(folder, 'busybox'));
  const output = await ctr.try(['run', '--rm', '--rootfs', join(folder, '..'), 'plain', '/bin/busybox', 'echo', 'hi']);
  expect(output).toEqual({ stdout: 'hi\n', stderr: '', code: 0 });
});
