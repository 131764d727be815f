import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { image, Side } from '../helpers/side.ts';

const map = '0:100000:65536';
const labels = { 'containerd.io/snapshot/uidmapping': map, 'containerd.io/snapshot/gidmapping': map };

/** Gives a container a user namespace and a snapshot for it. Debian's ctr cannot: it would mount the snapshot itself. */
async function mapIds({ client }: Side, id: string): Promise<void> {
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const containers = client.service('containerd.services.containers.v1.Containers');
  const key = { snapshotter: 'overlayfs', key: id };
  const { info } = await snapshots.Stat(key);
  await snapshots.Remove(key);
  await snapshots.Prepare({ ...key, parent: info?.parent ?? '', labels });
  const { container } = await containers.Get({ id });
  const spec = JSON.parse(container?.spec?.value.toString() ?? '');
  const mappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  spec.linux.namespaces.push({ type: 'user' });
  Object.assign(spec.linux, { uidMappings: mappings, gidMappings: mappings });
  const any = { typeUrl: container?.spec?.typeUrl ?? '', value: Buffer.from(JSON.stringify(spec)) };
  await containers.Update({ container: { ...container, spec: any }, updateMask: { paths: ['spec'] } });
}

test('a container with a user namespace runs on files that nobody has changed the owner of', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const { ctr } = side;
  // Root of the container has to get to its bundle.
  chmodSync(side.daemon.folder, 0o711);
  await ctr.ok('containers', 'create', image, 'mapped', 'sleep', '1000');
  await mapIds(side, 'mapped');
  await ctr.ok('tasks', 'start', '-d', 'mapped');
  const script = 'stat -c %u:%g / /bin/busybox; cat /proc/self/uid_map; echo own > /own; stat -c %u:%g /own';
  const told = await ctr.ok('tasks', 'exec', '--exec-id', 'e', 'mapped', 'sh', '-c', script);
  expect(told.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
    ...['0:0', '0:0', '0 100000 65536', '0:0', ''],
  ]);
  const mounts = await ctr.ok('snapshots', 'mounts', '/target', 'mapped');
  expect(mounts).toContain(`uidmap=${map}`);
  const [, upper = ''] = /upperdir=([^,\s]+)/.exec(mounts) ?? [];
  const [, lower = ''] = /lowerdir=([^:,\s]+)/.exec(mounts) ?? [];
  // What the container writes is its own; what it shares is as it was, and not a byte of it was copied.
  expect(readFileSync(join(upper, 'own'), 'utf8')).toBe('own\n');
  expect(statSync(join(upper, 'own'))).toMatchObject({ uid: 100000, gid: 100000 });
  expect(statSync(join(lower, 'bin/busybox'))).toMatchObject({ uid: 0, gid: 0 });
  expect(() => statSync(join(upper, 'bin/busybox'))).toThrow('ENOENT');
  await side.remove('mapped');
});

test('labels that are no map are refused', async () => {
  await using side = await Side.start('gantryd');
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const wrong = { ...labels, 'containerd.io/snapshot/uidmapping': '0:1000' };
  const attempt = snapshots.Prepare({ snapshotter: 'overlayfs', key: 'key', parent: '', labels: wrong });
  await expect(attempt).rejects.toMatchObject({ kind: 'invalid-argument' });
});
