import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
