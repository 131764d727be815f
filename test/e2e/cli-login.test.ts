import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Gantry } from '../helpers/gantry.ts';
import { busyboxOciImage } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo } from '../helpers/skopeo.ts';

const { username, password } = registryUser;
const stack = new AsyncDisposableStack();
let folder = '';
let gantry: Gantry;
let registry: Registry;

beforeAll(async () => {
  folder = stack.use(new TempFolder()).path;
  process.env['DOCKER_CONFIG'] = join(folder, 'docker');
  registry = stack.use(await Registry.start({ password: true }));
  gantry = new Gantry(stack.use(await Side.start('gantryd')));
  const credentials = `--dest-creds=${username}:${password}`;
  for (const tag of ['1', '2']) await pushBySkopeo(await busyboxOciImage(), `${registry.host}/box:${tag}`, credentials);
});

afterAll(async () => {
  delete process.env['DOCKER_CONFIG'];
  await stack.disposeAsync();
});

beforeEach(() => rmSync(join(folder, 'docker'), { recursive: true, force: true }));

const configPath = () => join(folder, 'docker', 'config.json');
const auth = Buffer.from(`${username}:${password}`).toString('base64');

const tagsOf = async (...args: string[]) => (await gantry.ok('search', 'tags', ...args)).trimEnd().split('\n');

test('login checks a password and keeps it where docker does, logout forgets it', async () => {
  const { host } = registry;
  const login = await gantry.try(['login', '-u', username, '--password-stdin', host], `${password}\n`);
  expect(login).toEqual({
    stdout: `logged in to ${host} as ${username}; kept in ${configPath()}\n`,
    stderr: '',
    code: 0,
  });
  expect(JSON.parse(readFileSync(configPath(), 'utf8'))).toEqual({ auths: { [host]: { auth } } });
  expect(statSync(configPath()).mode & 0o777).toBe(0o600);
  expect(await gantry.ok('pull', '-q', `${host}/box:1`)).toBe(`${host}/box:1\n`);
  const tags = await tagsOf(`${host}/box`);
  expect(tags.toSorted()).toEqual(['1', '2']);
  expect(await tagsOf(`${host}/box`, '--limit', '1')).toEqual(tags.slice(0, 1));
  expect(await gantry.json('search', 'tags', `${host}/box`)).toEqual(
    tags.map((tag) => ({ tag, name: `${host}/box:${tag}` })),
  );
  expect(await gantry.json('logout', `http://${host}/v2/`)).toEqual({ registry: host, wasLoggedIn: true });
  expect(await gantry.ok('logout', host)).toBe(`was not logged in to ${host}\n`);
  const refused = await gantry.try(['search', 'tags', `${host}/box`]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^gantry: list tags of [^\n]* 401 unauthorized[^\n]*"gantry login [^\n]*\n$/);
  await gantry.ok('rmi', `${host}/box:1`);
});

test('a password that the registry does not take is not kept', async () => {
  const { stdout, stderr, code } = await gantry.try(['login', '-u', username, '-p', 'secret-guess', registry.host]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  expect(stderr).toMatch(/^gantry: log in to 127\.0\.0\.1:\d+: [^\n]* 401 unauthorized[^\n]*\n$/);
  expect(stderr).not.toContain('secret-guess');
  expect(existsSync(configPath())).toBe(false);
});

test('on a terminal what is missing is asked for, the password unseen', async () => {
  await using session = new TerminalSession(gantry.argv('login', registry.host));
  await session.shows(/Username: $/);
  session.type(`${username}\n`);
  await session.shows(/Password: $/);
  session.type(`x${'\u0015'}${password}y${'\u007f'}\n`);
  expect(await session.ended()).toEqual({ code: 0, restored: true });
  expect(session.output).toContain(`logged in to ${registry.host}`);
  expect(session.output).not.toContain(password.slice(0, 4));
  expect(JSON.parse(readFileSync(configPath(), 'utf8'))).toEqual({ auths: { [registry.host]: { auth } } });
});

test('Ctrl-C at the password leaves the terminal as it was', async () => {
  await using session = new TerminalSession(gantry.argv('login', '-u', username, registry.host));
  await session.shows(/Password: $/);
  session.type('\u0003');
  expect(await session.ended()).toEqual({ code: 1, restored: true });
  expect(session.output).toContain('given up');
});

test('a credential helper keeps the login', async () => {
  const helper = join(folder, 'docker-credential-own');
  const kept = join(folder, 'kept');
  writeFileSync(
    helper,
    `#!/bin/sh
case $1 in
store) cat >${kept} ;;
get) cat ${kept} 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
erase) rm ${kept} ;;
esac
`,
  );
  chmodSync(helper, 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  try {
    const { host } = registry;
    // Logging in to nothing makes the folder.
    await gantry.ok('login', '-u', username, '-p', password, host);
    writeFileSync(configPath(), JSON.stringify({ credHelpers: { [host]: 'own' } }));
    expect(await gantry.ok('login', '-u', username, '-p', password, host)).toContain('kept in docker-credential-own');
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ ServerURL: host, Username: username, Secret: password });
    expect(readFileSync(configPath(), 'utf8')).not.toContain(auth);
    expect(await tagsOf(`${host}/box`)).toHaveLength(2);
    await gantry.ok('logout', host);
    expect(existsSync(kept)).toBe(false);
  } finally {
    process.env['PATH'] = path;
  }
});

test.each([
  [['login', 'not a host'], /^gantry: registry "not a host": must be a host/],
  [['login', '--password-stdin', 'r.example'], /^gantry: --password-stdin needs --username/],
  [['login', '-u', 'a:b', '-p', 'x', 'r.example'], /^gantry: a username has no colon/],
  [['login', '-u', 'a', '-p', '', 'r.example'], /^gantry: a login needs a password/],
  [['login', 'r.example'], /^gantry: standard input is not a terminal/],
  [['login', '-u', 'a', '-p', 'x', '127.0.0.1:1'], /^gantry: log in to 127\.0\.0\.1:1: .*refused/i],
  [['search', 'tags', 'Bad'], /^gantry: invalid reference/],
  [['search', 'tags', '--limit', '0', 'x'], /^gantry: --limit "0"/],
])('%j is refused in one line', async (args, message) => {
  const { stdout, stderr, code } = await gantry.try(args);
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd()).not.toContain('\n');
});
