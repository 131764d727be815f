import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withRootfs } from '../../client/spec/rootfs.ts';
import { resolveUser } from '../../client/spec/user.ts';
import { busyboxImage, type LayerEntry, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons();

/** Imports an image of busybox with another layer and other settings, and runs a script in it. */
async function runHostile(
  side: Side,
  layer: readonly LayerEntry[],
  config: object,
  script: string,
  ...flags: string[]
) {
  const gantry = new Gantry(side);
  const archive = join(side.daemon.folder, 'hostile.tar');
  await writeArchive(archive, await busyboxImage({ name: 'hostile:v1', layers: [layer], config: { ...config } }));
  await gantry.ok('import', archive);
  const output = await gantry.try(['run', '--rm', '--name', 'hostile', ...flags, 'hostile:v1', 'sh', '-c', script]);
  await gantry.ok('rmi', 'hostile:v1');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(join(tmpdir(), 'gantry-rootfs-'));
  return output;
}

const ids = 'id -u; id -g; id -G';

scenario('the user of the image is looked up in the image', async (side) => {
  const layer = [
    { name: 'etc/passwd', content: 'app:x:1234:55::/:\n' },
    { name: 'etc/group', content: 'more:x:77:app\nother:x:78:someone\n' },
  ];
  expect((await runHostile(side, layer, { User: 'app' }, ids)).stdout).toBe('1234\n55\n55 77\n');
  expect((await runHostile(side, layer, { User: '1234:9' }, ids)).stdout).toBe('1234\n9\n9 77\n');
  expect((await runHostile(side, layer, { User: 'app' }, ids, '-u', '5:6')).stdout).toBe('5\n6\n6\n');
});

scenario('a number out of range is refused although the image calls a user so', async (side) => {
  for (const user of ['2147483648', '4294967296', '4294967296:0', '-1']) {
    const layer = [{ name: 'etc/passwd', content: `${user.split(':')[0]}:x:0:0::/:\n` }];
    const { stdout, stderr, code } = await runHostile(side, layer, { User: user }, ids);
    expect({ stdout, code }).toEqual({ stdout: '', code: 125 });
    expect(stderr).toMatch(/out of range/);
  }
});

scenario('account files that are no files, or endless, are not read', async (side) => {
  const huge = [{ name: 'etc/group', content: `x:x:1:${'a'.repeat(2 << 20)}` }];
  const refused = { stdout: '', code: 125 };
  expect(await runHostile(side, huge, {}, ids)).toEqual({
    ...refused,
    stderr: expect.stringMatching(/etc\/group.*EFBIG/),
  });
  const folder = [{ name: 'etc/passwd/x', content: '' }];
  expect(await runHostile(side, folder, {}, ids)).toEqual({
    ...refused,
    stderr: expect.stringContaining('etc/passwd'),
  });
});

test('a pipe in the place of an account file does not stop us, and the mount is taken away', async () => {
  const rootfs = mkdtempSync('/tmp/gt-');
  try {
    mkdirSync(join(rootfs, 'etc'));
    execFileSync('mkfifo', [join(rootfs, 'etc/group')]);
    const mounts = [{ type: 'bind', source: rootfs, target: '', options: ['rbind', 'rw'] }];
    const lookup = withRootfs(mounts, (read) => resolveUser('0', read));
    await expect(lookup).rejects.toMatchObject({ kind: 'invalid-argument' });
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('gantry-rootfs-');
  } finally {
    rmSync(rootfs, { recursive: true });
  }
});

scenario('links in the image do not lead to the accounts of the host', async (side) => {
  const hostFile = join(side.daemon.folder, 'host-passwd');
  writeFileSync(hostFile, 'intruder:x:0:0::/:\n');
  for (const target of [hostFile, `../../../../../../..${hostFile}`]) {
    const layer = [{ name: 'etc/passwd', symlink: target }];
    const { code, stderr } = await runHostile(side, layer, { User: 'intruder' }, ids);
    expect(code).toBe(125);
    expect(stderr).toContain('user "intruder": not found');
  }
  const inside = [
    { name: 'store/passwd', content: 'app:x:7:8::/:\n' },
    { name: 'etc/passwd', symlink: '/store/passwd' },
  ];
  expect((await runHostile(side, inside, { User: 'app' }, ids)).stdout).toBe('7\n8\n8\n');
});

scenario('labels of the image do not become labels that steer the daemon', async (side) => {
  const gantry = new Gantry(side);
  const archive = join(side.daemon.folder, 'labels.tar');
  const labels = {
    'org.example.kept': 'yes',
    'containerd.io/restart.status': 'running',
    'containerd.io/restart.loguri': 'binary:///bin/sh?-c=touch%20/tmp/owned',
    'io.cri-containerd.kind': 'container',
    'gantry.io/log-uri': 'file:///etc/shadow',
  };
  await writeArchive(
    archive,
    await busyboxImage({ name: 'labels:v1', config: { Labels: labels, StopSignal: 'SIGUSR1' } }),
  );
  await gantry.ok('import', archive);
  await gantry.ok('run', '--name', 'labelled', 'labels:v1', 'true');
  expect(await gantry.json('ps', '-a')).toMatchObject([
    { labels: { 'org.example.kept': 'yes', 'io.containerd.image.config.stop-signal': 'SIGUSR1' } },
  ]);
  const [{ labels: actual = {} } = {}] = await gantry.json<{ labels?: object }[]>('ps', '-a');
  expect(Object.keys(actual).sort()).toEqual(['io.containerd.image.config.stop-signal', 'org.example.kept']);
  expect(await gantry.try(['logs', 'labelled'])).toMatchObject({ code: 1 });
  await gantry.ok('rm', 'labelled');
  await gantry.ok('rmi', 'labels:v1');
});

scenario("the process has containerd's default rights and nothing of ours", async (side) => {
  const script = "grep -E 'Cap|NoNewPrivs' /proc/self/status; ls /proc/self/fd | wc -l; ulimit -n";
  const { stdout } = await runHostile(side, [], {}, script);
  expect(stdout.split('\n')).toEqual([
    'CapInh:\t0000000000000000',
    'CapPrm:\t00000000a80425fb',
    'CapEff:\t00000000a80425fb',
    'CapBnd:\t00000000a80425fb',
    'CapAmb:\t0000000000000000',
    'NoNewPrivs:\t1',
    '4',
    '1024',
    '',
  ]);
});

scenario('the spec equals the one that ctr makes, but for what newer versions mask', async (side) => {
  const gantry = new Gantry(side);
  const archive = join(side.daemon.folder, 'spec.tar');
  await writeArchive(archive, await busyboxImage({ name: 'spec:v1' }));
  await gantry.ok('import', archive);
  await gantry.ok('run', '-d', '--name', 'same', 'spec:v1', 'sleep', '1000');
  const ours = specOf(side, 'same');
  await gantry.ok('rm', '-f', 'same');
  await side.ctr.ok('containers', 'create', 'spec:v1', 'same', 'sleep', '1000');
  const theirs = specOf(side, 'same');
  await side.ctr.ok('containers', 'rm', 'same');
  await gantry.ok('rmi', 'spec:v1');
  const { ociVersion: _ours, ...spec } = ours;
  const { ociVersion: _theirs, ...expected } = theirs;
  const newlyMasked = spec.linux.maskedPaths.filter((path) => !expected.linux.maskedPaths.includes(path));
  expect(newlyMasked.every((path) => ['/proc/asound', '/sys/devices/virtual/powercap'].includes(path))).toBe(true);
  spec.linux.maskedPaths = expected.linux.maskedPaths;
  expect(spec).toEqual(expected);
});

function specOf(side: Side, id: string): { ociVersion: string; linux: { maskedPaths: string[] } } {
  const argv = side.ctr.argv('containers', 'info', '--spec', id);
  return JSON.parse(execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' }));
}
