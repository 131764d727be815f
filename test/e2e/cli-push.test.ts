import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gantry } from '../helpers/gantry.ts';
import {
  busyboxOciImage,
  machineArchitecture,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
  sha256,
} from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';

const { username, password } = registryUser;
const user = ['--user', `${username}:${password}`];
const stack = new AsyncDisposableStack();
let gantry: Gantry;
let open: Registry;
let locked: Registry;
let index: OciImage;

beforeAll(async () => {
  // Logins are kept in files of our own.
  process.env['DOCKER_CONFIG'] = stack.use(new TempFolder()).path;
  open = stack.use(await Registry.start());
  locked = stack.use(await Registry.start({ password: true }));
  gantry = new Gantry(stack.use(await Side.start('gantryd')));
  const other = ociImage({ layers: [await noiseLayer('other', 4096)], architecture: 's390x' });
  index = ociIndex([
    { image: await busyboxOciImage(), architecture: machineArchitecture },
    { image: other, architecture: 's390x' },
  ]);
  await pushBySkopeo(index, `${open.host}/box:1`);
});

afterAll(async () => {
  delete process.env['DOCKER_CONFIG'];
  await stack.disposeAsync();
});

async function removeAll(): Promise<void> {
  const names = (await gantry.ok('images', '-q')).trim();
  if (names !== '') await gantry.ok('rmi', ...names.split('\n'));
}

test('push stores an image, under its own name or another', async () => {
  const { host } = open;
  await gantry.ok('pull', '-q', '--all-platforms', `${host}/box:1`);
  const pushed = await gantry.try(['push', `${host}/box:1`, `${host}/copy:9`]);
  expect(pushed).toMatchObject({ stdout: `${host}/copy:9@${index.root.digest}\n`, code: 0 });
  expect(pushed.stderr).toMatch(/^layer-sha256:[0-9a-f]{64}: (?:complete|already exists) /m);
  expect(sha256(await skopeo('inspect', '--raw', `docker://${host}/copy:9`))).toBe(index.root.digest);
  await gantry.ok('tag', `${host}/box:1`, `${locked.host}/team/box:7`);
  const refused = await gantry.try(['push', '-q', `${locked.host}/team/box:7`]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('"gantry login') });
  expect(await gantry.ok('push', '-q', ...user, `${locked.host}/team/box:7`)).toBe(`${locked.host}/team/box:7\n`);
  await removeAll();
  expect(await gantry.ok('pull', ...user, `${locked.host}/team/box:7`)).toContain(index.root.digest);
  expect(await gantry.ok('run', '--rm', '--pull', 'never', `${locked.host}/team/box:7`, 'echo', 'hi')).toBe('hi\n');
  expect(await gantry.ok('search', 'tags', `${open.host}/copy`)).toBe('9\n');
  await removeAll();
});

test('push says what is not there', async () => {
  expect(await gantry.try(['push', `${open.host}/absent:1`])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^gantry: image "[^"]*": not found\n$/),
  });
  // Of the other platform only the documents are here, which is not enough to push all of it.
  await gantry.ok('pull', '-q', `${open.host}/box:1`);
  const partly = await gantry.try(['push', '-q', ...user, `${open.host}/box:1`, `${locked.host}/partly:1`]);
  expect(partly).toMatchObject({ code: 1, stderr: expect.stringMatching(/^gantry: [^\n]*not found[^\n]*\n$/) });
  await removeAll();
});
