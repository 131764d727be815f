import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createContainer } from '../../client/index.ts';
import { pack } from '../../proto/any.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import { bothDaemons } from '../helpers/both.ts';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { descendantsOf, exists } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

const { scenario } = bothDaemons({ image: true });

type Options = Init<Messages['containerd.runc.v1.Options']>;

const tasksOf = ({ client }: Side) => client.service('containerd.services.tasks.v1.Tasks');

/** Runs a container with options of runc's shim; its output goes to the file that is returned. */
async function run(side: Side, id: string, options: Options, script: string): Promise<string> {
  const { client, daemon } = side;
  const log = join(daemon.folder, `${id}.log`);
  await createContainer(client, { id, image, args: ['sh', '-c', script] });
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter: 'overlayfs', key: id });
  const stdio = { stdout: `file://${log}`, stderr: `file://${log}` };
  await tasksOf(side).Create({
    containerId: id,
    rootfs: mounts,
    ...stdio,
    options: pack('containerd.runc.v1.Options', options),
  });
  await tasksOf(side).Start({ containerId: id });
  return log;
}

/** What a container with these options prints until it ends. */
async function outputOf(side: Side, id: string, options: Options, script: string): Promise<string> {
  const log = await run(side, id, options, script);
  const { exitStatus } = await exitOf(side, id);
  const output = readFileSync(log, 'utf8');
  expect(exitStatus, output).toBe(0);
  await removed(side, id);
  return output;
}

async function removed(side: Side, containerId: string): Promise<void> {
  await eventually(async () => expect((await listTasks(side)).get(containerId)?.status).toBe('STOPPED'));
  await tasksOf(side).Delete({ containerId });
  await side.ctr.ok('containers', 'rm', containerId);
}

scenario('no_pivot_root and no_new_keyring reach runc', async (side) => {
  const folder = join(side.daemon.folder, 'runc-flags');
  const binary = join(side.daemon.folder, 'runc-that-tells');
  writeFileSync(binary, `#!/bin/sh\necho "$@" >>${folder}\nexec runc "$@"\n`);
  chmodSync(binary, 0o755);
  const flags = { noPivotRoot: true, noNewKeyring: true, binaryName: binary };
  expect(await outputOf(side, 'flags', flags, 'echo ran')).toBe('ran\n');
  const create = readFileSync(folder, 'utf8')
    .split('\n')
    .find((line) => line.includes(' create '));
  return [
    create?.includes('--no-pivot'),
    create?.includes('--no-new-keyring'),
    readFileSync(folder, 'utf8').includes(' delete '),
  ];
});

scenario('root is where runc keeps its state', async (side) => {
  const root = join(side.daemon.folder, 'other-root');
  await run(side, 'rooted', { root }, 'sleep 1000');
  expect(readdirSync(join(root, side.namespace))).toEqual(['rooted']);
  await tasksOf(side).Kill({ containerId: 'rooted', signal: 9 });
  await removed(side, 'rooted');
  expect(readdirSync(join(root, side.namespace))).toEqual([]);
});

scenario('io_uid and io_gid own the pipes of the container', async (side) => {
  const script = 'stat -L -c "%u %g" /proc/self/fd/1';
  return outputOf(side, 'owned', { ioUid: 1234, ioGid: 4321 }, script);
});

scenario('shim_cgroup is where the shim runs', async (side) => {
  const name = `${side.namespace}-shim`;
  const folders = ['pids', 'memory', 'unified', ''].map((hierarchy) => join('/sys/fs/cgroup', hierarchy));
  const usable = folders.find((folder) => existsSync(join(folder, 'cgroup.procs'))) ?? '';
  mkdirSync(join(usable, name));
  await run(side, 'placed', { shimCgroup: `/${name}` }, 'sleep 1000');
  const shim = descendantsOf(side.daemon.reaperPids).find(({ command }) => command.includes('containerd-shim'));
  expect(readFileSync(`/proc/${shim?.pid}/cgroup`, 'utf8')).toContain(`/${name}`);
  await tasksOf(side).Kill({ containerId: 'placed', signal: 9 });
  await removed(side, 'placed');
  for (const hierarchy of readdirSync('/sys/fs/cgroup').map((entry) => join('/sys/fs/cgroup', entry, name))) {
    if (existsSync(hierarchy)) await eventually(() => rmdirSync(hierarchy));
  }
});

scenario('a user namespace of its own', async ({ ctr, daemon }) => {
  // Its root has to get through to the root file system.
  chmodSync(daemon.folder, 0o711);
  const maps = ['--uidmap', '0:100000:65536', '--gidmap', '0:200000:65536'];
  const script = 'id -u; cat /proc/self/uid_map /proc/self/gid_map; touch /made && stat -c "%u %g" /made';
  const output = await ctr.ok('run', '--rm', ...maps, image, 'mapped', 'sh', '-c', script);
  expect(output.replaceAll(/ +/g, ' ')).toBe('0\n 0 100000 65536\n 0 200000 65536\n0 0\n');
});

scenario('what is left of a container without a pid namespace of its own is killed', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'keeper', 'sleep', '1000');
  const keeper = (await listTasks(side)).get('keeper')?.pid ?? 0;
  const script = 'sleep 1000 & exec sleep 2000';
  await ctr.ok('run', '-d', '--with-ns', `pid:/proc/${keeper}/ns/pid`, image, 'sharing', 'sh', '-c', script);
  const pids = async () => (await tasksOf(side).ListPids({ containerId: 'sharing' })).processes.map(({ pid }) => pid);
  await eventually(async () => expect(await pids()).toHaveLength(2));
  const left = await pids();
  await ctr.ok('tasks', 'kill', '-s', 'KILL', 'sharing');
  expect(await exitOf(side, 'sharing')).toMatchObject({ exitStatus: 137 });
  await eventually(() => expect(left.filter(exists)).toEqual([]));
  expect(exists(keeper)).toBe(true);
  await removed(side, 'sharing');
  await side.remove('keeper');
});

scenario('running out of memory is told, and before the exit if that comes of it', async (side) => {
  const { ctr, namespace } = side;
  await using events = await EventsProcess.start(ctr, `namespace==${namespace}`);
  const limit = ['--memory-limit', '16777216'];
  const eats = 'x=$(head -c 100000000 /dev/zero | tr "\\0" x)';
  await ctr.ok('run', '-d', ...limit, image, 'robust', 'sleep', '1000');
  const topics = () => events.seen.map(({ topic }) => topic);
  expect(topics()).not.toContain('/tasks/oom');
  await ctr.try(['tasks', 'exec', '--exec-id', 'eater', 'robust', 'sh', '-c', eats]);
  await eventually(() => expect(topics()).toContain('/tasks/oom'));
  expect((await listTasks(side)).get('robust')?.status).toBe('RUNNING');
  await side.remove('robust');
  await ctr.try(['run', '--rm', ...limit, image, 'hungry', 'sh', '-c', eats]);
  await eventually(() => expect(topics()).toContain('/containers/delete'));
  const ofHungry = events.seen
    .filter(({ payload }) => JSON.stringify(payload).includes('hungry'))
    .map(({ topic }) => topic);
  expect(ofHungry.indexOf('/tasks/oom')).toBeLessThan(ofHungry.indexOf('/tasks/exit'));
  expect(ofHungry).toContain('/tasks/oom');
});

scenario('metrics are of the type that the kernel has', async (side) => {
  await side.ctr.ok('run', '-d', image, 'metered', 'sleep', '1000');
  const { metrics } = await tasksOf(side).Metrics({ filters: ['id==metered'] });
  await side.remove('metered');
  return metrics.map(({ id, data }) => [id, data?.typeUrl]);
});

test('core scheduling is asked for, and a kernel without it is told of once', async () => {
  await using side = await Side.start('gantryd', { image: true, daemon: { env: { SCHED_CORE: '1' } } });
  expect(await side.ctr.ok('run', '--rm', image, 'apart', 'echo', 'ran')).toBe('ran\n');
  const hasIt = / sched_core_share_pid$/m.test(readFileSync('/proc/kallsyms', 'utf8'));
  const warnings = () => side.daemon.log.match(/no core scheduling: /g)?.length ?? 0;
  await eventually(() => expect(warnings()).toBe(hasIt ? 0 : 1));
});
