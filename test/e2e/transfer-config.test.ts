import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { registryImage, storedImage } from '../../client/transfer/endpoints.ts';
import { transfer } from '../../client/transfer/transfer.ts';
import { Daemon } from '../helpers/daemon.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { busyboxOciImage, machineArchitecture } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { Side } from '../helpers/side.ts';

const plugin = 'plugins."io.containerd.transfer.v1.local"';
const platform = { os: 'linux', architecture: machineArchitecture };

/** A directory in which a host that there is not leads to a registry. */
function hostsDirectory(registry: FaultyRegistry): TempFolder {
  const folder = new TempFolder();
  mkdirSync(join(folder.path, 'images.invalid'));
  writeFileSync(join(folder.path, 'images.invalid', 'hosts.toml'), `[host."${registry.url}"]\n`);
  return folder;
}

test('hosts are looked up where the daemon is told, or where the client says', async () => {
  await using registry = await FaultyRegistry.start();
  registry.add('busybox', '1', await busyboxOciImage());
  using hosts = hostsDirectory(registry);
  const reference = 'images.invalid/busybox:1';
  const pull = (side: Side, hostsDir?: string) =>
    transfer(side.client, registryImage(reference, { hostsDir }), storedImage({ name: reference }));
  {
    await using side = await Side.start('gantryd');
    await expect(pull(side)).rejects.toMatchObject({ message: expect.stringContaining('images.invalid') });
    await pull(side, hosts.path);
  }
  await using side = await Side.start('gantryd', { daemon: { config: `[${plugin}]\nconfig_path = "${hosts.path}"` } });
  await pull(side);
});

test('what is unpacked, and where, is as configured', async () => {
  await using registry = await FaultyRegistry.start();
  const reference = registry.add('busybox', '1', await busyboxOciImage());
  const config = `[[${plugin}.unpack_config]]\nsnapshotter = "native"\n`;
  await using side = await Side.start('gantryd', { daemon: { config } });
  const pull = (snapshotter: string) => {
    const store = { name: reference, platforms: [platform], unpacks: [{ platform, snapshotter }] };
    return transfer(side.client, registryImage(reference, { defaultScheme: 'http' }), storedImage(store));
  };
  const snapshots = (snapshotter: string) => side.ctr.ok('snapshots', '--snapshotter', snapshotter, 'ls');
  const refused = `unpacking linux/${machineArchitecture} to overlayfs is not configured: invalid argument`;
  await expect(pull('overlayfs')).rejects.toMatchObject({ kind: 'invalid-argument', message: refused });
  expect(registry.requests).toEqual([]);
  await pull('');
  expect(await snapshots('native')).toContain('Committed');
});

test('a snapshotter that is not there keeps the daemon from starting, unless it need not be', async () => {
  const config = `[[${plugin}.unpack_config]]\nsnapshotter = "nowhere"\n`;
  await expect(Daemon.start('gantryd', { config })).rejects.toThrow(
    'unpack_config[0].snapshotter: there is no snapshotter "nowhere"',
  );
  await using _daemon = await Daemon.start('gantryd', { config: `${config}optional = true\n` });
});
