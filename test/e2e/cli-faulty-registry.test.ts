import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { drips, says } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { Gantry } from '../helpers/gantry.ts';
import { busyboxOciImage, noiseLayer, ociImage } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';

const { username, password } = registryUser;
const stack = new AsyncDisposableStack();
let folder = '';
let side: Side;
let gantry: Gantry;

beforeAll(async () => {
  folder = stack.use(new TempFolder()).path;
  process.env['DOCKER_CONFIG'] = folder;
  side = stack.use(await Side.start('gantryd'));
  gantry = new Gantry(side);
});

afterAll(async () => {
  delete process.env['DOCKER_CONFIG'];
  await stack.disposeAsync();
});

const configPath = () => join(folder, 'config.json');

test('a login is shown to a token server, and so is a refresh token', async () => {
  await using registry = await FaultyRegistry.start({ tokens: {} });
  const name = registry.add('box', '1', await busyboxOciImage());
  const wrong = await gantry.try(['login', '-u', username, '-p', 'guess', registry.host]);
  expect(wrong).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^gantry: [^\n]*token server[^\n]*401[^\n]*\n$/),
  });
  expect(existsSync(configPath())).toBe(false);
  await gantry.ok('login', '-u', username, '-p', password, registry.host);
  expect(await gantry.ok('pull', '-q', name)).toBe(`${name}\n`);
  await gantry.ok('rmi', name);
  const auths = { [registry.host]: { identitytoken: registry.tokens?.refreshToken } };
  writeFileSync(configPath(), JSON.stringify({ auths }));
  expect(await gantry.ok('pull', '-q', name)).toBe(`${name}\n`);
  await gantry.ok('rmi', name);
  await gantry.ok('logout', registry.host);
});

test('what a registry says does not steer the terminal, and is one line', async () => {
  await using registry = await FaultyRegistry.start();
  const name = registry.add('box', '1', await busyboxOciImage());
  const message = 'gone\u001b[2J\u001b]0;x\u0007\nand away\u009b1m';
  registry.on('manifest', says(404, JSON.stringify({ errors: [{ code: 'EVIL\u001b[1m', message }] })));
  const { stdout, stderr, code } = await gantry.try(['pull', name]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(stderr).toMatch(/\ngantry: [^\n]*gone[^\n]*and away[^\n]*\n$/);
});

test('a pull that is interrupted leaves no image, and goes on where it was', async () => {
  await using registry = await FaultyRegistry.start();
  const name = registry.add('slow', '1', ociImage({ layers: [await noiseLayer('a', 4 << 20)], compression: 'none' }));
  registry.on('blob', drips(50));
  const pulling = gantry.start('pull', name);
  await eventually(() => {
    if (registry.bytesSent() < 1 << 20) throw new Error('nothing of the layer has come yet');
  });
  pulling.kill('SIGINT');
  expect((await pulling).signal).toBe('SIGINT');
  expect(await gantry.ok('images', '-q')).toBe('');
  registry.heal();
  const since = registry.requests.length;
  expect(await gantry.ok('pull', '-q', '--no-unpack', name)).toBe(`${name}\n`);
  expect(registry.bytesSent(undefined, since)).toBeLessThan(4 << 20);
  await gantry.ok('rmi', name);
});

test('a daemon that dies in a pull is one line, and the next pull completes', async () => {
  await using registry = await FaultyRegistry.start();
  const name = registry.add('slow', '2', ociImage({ layers: [await noiseLayer('b', 4 << 20)], compression: 'none' }));
  registry.on('blob', drips(50));
  const pulling = gantry.start('pull', '-q', name);
  await eventually(() => {
    if (registry.bytesSent() < 1 << 20) throw new Error('nothing of the layer has come yet');
  });
  await side.daemon.crash();
  const { stdout, stderr, exitCode } = await pulling;
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
  expect(stderr).toMatch(/^gantry: [^\n]+$/);
  registry.heal();
  expect(await gantry.ok('pull', '-q', '--no-unpack', name)).toBe(`${name}\n`);
  await gantry.ok('rmi', name);
});
