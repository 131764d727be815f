import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../client/client.ts';
import { pack, unpack } from '../../proto/any.ts';
import { Daemon } from '../helpers/daemon.ts';

const plugin = { type: 'io.containerd.runtime.v2', id: 'task' };
const request = (runtimePath: string, binaryName?: string) => {
  const options = binaryName === undefined ? null : pack('containerd.runc.v1.Options', { binaryName });
  return { ...plugin, options: pack('containerd.types.RuntimeRequest', { runtimePath, options }) };
};

test('a runtime tells its name, version and features, with the options asked about', async () => {
  await using daemon = await Daemon.start('gantryd');
  const client = connect({ address: daemon.address });
  onTestFinished(() => client.close());
  const introspection = client.service('containerd.services.introspection.v1.Introspection');
  const ask = async (runtimePath: string, binaryName?: string) => {
    const { extra } = await introspection.PluginInfo(request(runtimePath, binaryName));
    if (extra === null) throw new Error('no extra information');
    return unpack('containerd.types.RuntimeInfo', extra);
  };
  const { name, version, features } = await ask('io.containerd.gantry.v1');
  expect(name).toBe('io.containerd.gantry.v1');
  expect(version?.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(features?.typeUrl).toBe('types.containerd.io/opencontainers/runtime-spec/1/features/Features');
  const told = JSON.parse(execFileSync('runc', ['features'], { encoding: 'utf8' }));
  expect(JSON.parse(features?.value.toString() ?? '')).toEqual(told);
  const named = await ask('io.containerd.gantry.v1', '/usr/sbin/runc');
  expect(named.options?.typeUrl).toBe('containerd.runc.v1.Options');

  const failing = [
    { runtimePath: '', message: 'failed to resolve runtime path: no runtime name' },
    { runtimePath: 'io.containerd.nothing.v9', message: 'binary not installed' },
    { runtimePath: '/bin/false', message: 'failed to run /bin/false -info: exit status 1' },
  ];
  for (const { runtimePath, message } of failing) {
    await expect(introspection.PluginInfo(request(runtimePath))).rejects.toThrow(message);
  }
});
