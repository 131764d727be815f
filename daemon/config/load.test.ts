import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostPlatform } from '../../image/platform.ts';
import { defaultConfig } from './config.ts';
import { loadConfig } from './load.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gt-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(toml: string, flags = {}) {
  const config = join(directory, 'config.toml');
  await writeFile(config, toml);
  return loadConfig({ config, ...flags });
}

test('an empty file gives the defaults', async () => {
  expect(await load('')).toEqual({ config: defaultConfig(), ignoredKeys: [] });
});

test("reads containerd's keys and lets the flags win", async () => {
  const toml = `
    version = 2
    root = "/r"
    state = "/s"
    [grpc]
    address = "/s/x.sock"
    gid = 7
    [debug]
    level = "debug"
  `;
  const { config } = await load(toml, { root: '/other', logLevel: 'warn' });
  expect(config).toMatchObject({ root: '/other', state: '/s', logLevel: 'warn' });
  expect(config.grpc).toMatchObject({ address: '/s/x.sock', uid: 0, gid: 7 });
  expect(config.ttrpc).toEqual({ address: '/s/x.sock.ttrpc', uid: 0, gid: 7 });
});

test('the sockets lie in the state directory unless said otherwise', async () => {
  const { config } = await load('', { state: '/elsewhere' });
  expect(config.grpc.address).toBe('/elsewhere/gantry.sock');
});

test('a runtime name can be given another shim', async () => {
  const { config } = await load('[gantry.runtimes]\n"io.containerd.runc.v2" = "/usr/bin/other-shim"');
  expect(config.runtimes['io.containerd.runc.v2']).toBe('/usr/bin/other-shim');
  expect(config.runtimes['io.containerd.gantry.v1']).toMatch(/containerd-shim-gantry-v1$/);
});

test("reads the settings of containerd's garbage collection", async () => {
  const toml = `
    [plugins."io.containerd.gc.v1.scheduler"]
    pause_threshold = 0.9
    deletion_threshold = 3
    mutation_threshold = 0
    schedule_delay = "1m0.5s"
    startup_delay = "0"
  `;
  const { config, ignoredKeys } = await load(toml);
  expect(config.gc).toEqual({
    pauseThreshold: 0.5,
    deletionThreshold: 3,
    mutationThreshold: 0,
    scheduleDelayMs: 60_500,
    startupDelayMs: 0,
  });
  expect(ignoredKeys).toEqual([]);
});

test('reads the limits of layers', async () => {
  const { config, ignoredKeys } = await load('[gantry.layers]\nmax_entries = 5\nmax_size = 1099511627776');
  expect(config.layers).toEqual({ ...defaultConfig().layers, maxEntries: 5, maxSizeBytes: 2 ** 40 });
  expect(ignoredKeys).toEqual([]);
});

test("reads containerd's settings of snapshotters", async () => {
  const { config, ignoredKeys } = await load(`
    [plugins."io.containerd.snapshotter.v1.overlayfs"]
    root_path = "/layers"
    upperdir_label = true
    sync_remove = true
    slow_chown = true
    mount_options = ["volatile", "index=on"]
    [plugins."io.containerd.snapshotter.v1.native"]
    root_path = "/copies"
  `);
  expect(config.snapshotters).toEqual({
    overlayfs: {
      root: '/layers',
      mountOptions: ['volatile', 'index=on'],
      upperDirectoryLabel: true,
      syncRemove: true,
      slowChown: true,
    },
    native: { root: '/copies' },
  });
  expect(ignoredKeys).toEqual([]);
});

test("reads containerd's proxy plugins", async () => {
  const { config, ignoredKeys } = await load(`
    [proxy_plugins.stargz]
    type = "snapshot"
    address = "/run/stargz.sock"
    platform = "linux/arm64/v8"
    capabilities = ["remap-ids"]
    exports = { root = "/var/lib/stargz" }
    [proxy_plugins.fast]
    type = "io.containerd.differ.v1"
    address = "unix:///run/fast.sock"
    [plugins."io.containerd.service.v1.diff-service"]
    default = ["fast", "walking"]
  `);
  expect(config.proxies).toEqual([
    {
      ...{ name: 'stargz', type: 'snapshot', address: '/run/stargz.sock', platform: 'linux/arm64/v8' },
      ...{ capabilities: ['remap-ids'], exports: { root: '/var/lib/stargz' } },
    },
    { name: 'fast', type: 'diff', address: '/run/fast.sock', platform: '', capabilities: [], exports: {} },
  ]);
  expect(config.differs).toEqual(['fast', 'walking']);
  expect(ignoredKeys).toEqual([]);
});

test('takes the content store that is left when the others are disabled', async () => {
  const store = (name: string) => `\n[proxy_plugins.${name}]\ntype = "content"\naddress = "/${name}"`;
  const list = '"io.containerd.content.v1.content", "io.containerd.content.v1.b", "io.containerd.grpc.v1.cri"';
  const { config, ignoredKeys } = await load(`disabled_plugins = [${list}]${store('a')}${store('b')}`);
  expect(config.proxies.map(({ name, type }) => [name, type])).toEqual([['a', 'content']]);
  expect(ignoredKeys).toEqual(['disabled_plugins "io.containerd.grpc.v1.cri"']);
});

test('names the keys it does not use', async () => {
  const { ignoredKeys } = await load('oom_score = 1\n[plugins."io.containerd.x.v1".y]\nz = true');
  expect(ignoredKeys).toEqual(['oom_score', 'plugins.io.containerd.x.v1.y.z']);
});

test.each([
  ['root = 1', 'root must be a string'],
  ['grpc = "x"', 'grpc must be a table'],
  ['[grpc]\ngid = -1', 'grpc.gid must be a whole number'],
  ['version = 1', 'version must be a whole number from 2 to 4'],
  ['[debug]\nlevel = "loud"', 'log level "loud" is not one of'],
  ['plugins."io.containerd.gc.v1.scheduler" = 1', 'plugins.io.containerd.gc.v1.scheduler must be a table'],
  ['plugins."io.containerd.gc.v1.scheduler".schedule_delay = 5', 'schedule_delay must be a duration such as "100ms"'],
  ['plugins."io.containerd.gc.v1.scheduler".startup_delay = "-1s"', 'startup_delay must be a duration'],
  ['plugins."io.containerd.gc.v1.scheduler".pause_threshold = "x"', 'pause_threshold must be a number'],
  ['gantry.layers.max_ratio = 0', 'gantry.layers.max_ratio must be a whole number from 1'],
  ['gantry.layers.max_name_length = 0.5', 'gantry.layers.max_name_length must be a whole number from 1'],
  ['plugins."io.containerd.snapshotter.v1.overlayfs".slow_chown = "yes"', 'slow_chown must be true or false'],
  ['plugins."io.containerd.snapshotter.v1.overlayfs".mount_options = "x"', 'mount_options must be an array of strings'],
  ['proxy_plugins = 1', 'proxy_plugins must be a table'],
  ['[proxy_plugins.x]\naddress = "/x"', 'proxy plugin "x" must have type snapshot, diff or content'],
  ['[proxy_plugins.x]\ntype = "snapshot"', 'proxy plugin "x" must have the absolute path of a socket'],
  ['[proxy_plugins.native]\ntype = "snapshot"\naddress = "/x"', 'has the name of a part'],
  ['[proxy_plugins.x]\ntype = "sandbox"\naddress = "/x"', 'proxy plugin "x" must have type snapshot, diff or content'],
  ['[proxy_plugins.x]\ntype = "content"\naddress = "/x"', 'there can be one content store'],
  ['disabled_plugins = ["io.containerd.content.v1.content"]', 'every content store is disabled'],
  ['plugins."io.containerd.service.v1.diff-service".default = ["x"]', 'there is no differ "x"'],
  ['root = "relative"', 'must be an absolute path'],
  ['root = ', 'line 1'],
  [`[grpc]\naddress = "/${'x'.repeat(104)}"`, 'is longer than 104 bytes'],
])('refuses %j', async (toml, message) => {
  await expect(load(toml)).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: expect.stringContaining(message),
  });
});

test('a file that was asked for has to exist', async () => {
  await expect(loadConfig({ config: join(directory, 'absent.toml') })).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: expect.stringContaining('absent.toml'),
  });
});

const transferPlugin = '[plugins."io.containerd.transfer.v1.local"]';

test('reads how images are moved', async () => {
  const toml = `
    ${transferPlugin}
    max_concurrent_downloads = 7
    max_concurrent_uploaded_layers = 0
    concurrent_layer_fetch_buffer = 512
    check_platform_supported = true
    config_path = "/a:/b"
    [[plugins."io.containerd.transfer.v1.local".unpack_config]]
    platform = "linux/arm64/v8"
    snapshotter = "native"
    differ = "walking"
    [[plugins."io.containerd.transfer.v1.local".unpack_config]]
    snapshotter = "far"
    optional = true
  `;
  const { config, ignoredKeys } = await load(toml);
  expect(config.transfer).toEqual({
    maxConcurrentDownloads: 7,
    maxConcurrentUploads: 0,
    progressTimeoutMs: 30_000,
    checkPlatformSupported: true,
    hostsDirectories: ['/a', '/b'],
    unpacks: [
      { platform: { os: 'linux', architecture: 'arm64' }, snapshotter: 'native', optional: false },
      { platform: hostPlatform(), snapshotter: 'far', optional: true },
    ],
  });
  expect(ignoredKeys).toEqual([
    'plugins."io.containerd.transfer.v1.local".unpack_config[0].differ',
    'plugins.io.containerd.transfer.v1.local.concurrent_layer_fetch_buffer',
  ]);
});

test('hosts are looked up where Kubernetes has been told they are', async () => {
  const cri = '[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/cri"\n';
  expect((await load(cri)).config.transfer.hostsDirectories).toEqual(['/cri']);
  const both = await load(`${cri}${transferPlugin}\nconfig_path = "/own"`);
  expect(both.config.transfer.hostsDirectories).toEqual(['/own']);
});

test.for([
  ['max_concurrent_downloads = -1', 'max_concurrent_downloads must be a whole number'],
  ['check_platform_supported = 1', 'check_platform_supported must be true or false'],
  ['config_path = "certs.d"', 'config_path: "certs.d" must be an absolute path'],
  ['unpack_config = ["linux"]', 'unpack_config must be an array of tables'],
  ['unpack_config = [{ platform = "linux/amd64" }]', 'unpack_config[0].snapshotter must be the name of one'],
  ['unpack_config = [{ platform = "a b", snapshotter = "x" }]', 'unpack_config[0].platform: platform "a b"'],
  ['unpack_config = [{ snapshotter = 1 }]', 'unpack_config[0].snapshotter must be a string'],
] as const)('refuses %s', async ([toml, message]) => {
  await expect(load(`${transferPlugin}\n${toml}`)).rejects.toThrow(message);
});
