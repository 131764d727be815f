import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CredentialStore } from './store.ts';

let folder = '';
let store: CredentialStore;

beforeEach(() => {
  folder = mkdtempSync('/tmp/gcr-');
  store = new CredentialStore({ DOCKER_CONFIG: join(folder, 'config'), PATH: `${folder}:/usr/bin:/bin` });
});
afterEach(() => rmSync(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');
const basic = (username: string, password: string) => ({ kind: 'basic', username, password });

function writeConfig(value: unknown): void {
  mkdirSync(join(folder, 'config'), { recursive: true });
  writeFileSync(store.path, typeof value === 'string' ? value : JSON.stringify(value));
}

const readConfig = () => JSON.parse(readFileSync(store.path, 'utf8')) as Record<string, unknown>;

/** A helper that keeps what it is told in a file per server, and writes down how it was called. */
function writeHelper(suffix: string, script?: string): void {
  const path = join(folder, `docker-credential-${suffix}`);
  const keeping = `read -r input; key=$(printf %s "$input" | tr -c 'a-zA-Z0-9' _)
case $1 in
get) echo "get $input" >>${folder}/calls; cat ${folder}/kept.$key 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
store) echo "store" >>${folder}/calls; printf %s "$input" >${folder}/stored ;;
erase) echo "erase $input" >>${folder}/calls; rm ${folder}/kept.$key 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
list) echo '{"a.example":"me"}' ;;
esac`;
  writeFileSync(path, `#!/bin/sh\n${script ?? keeping}\n`);
  chmodSync(path, 0o755);
}

test('the path is that of docker', () => {
  expect(new CredentialStore({ HOME: '/home/x' }).path).toBe('/home/x/.docker/config.json');
  expect(new CredentialStore({ HOME: '/home/x', DOCKER_CONFIG: '/y' }).path).toBe('/y/config.json');
});

test('without a file, or with an empty one, nothing is known', async () => {
  expect(await store.find('docker.io')).toBeUndefined();
  writeConfig('');
  expect(await store.find('docker.io')).toBeUndefined();
});

test.each([
  [{ auth: base64('me:pass:word') }, basic('me', 'pass:word')],
  [{ auth: base64('me:pass\0\0') }, basic('me', 'pass')],
  [{ auth: base64('me:') }, basic('me', '')],
  [{ auth: base64('me:p').replace(/=+$/, '') }, basic('me', 'p')],
  [{ username: 'me', password: 'p' }, basic('me', 'p')],
  [
    { auth: base64('me:p'), identitytoken: 'T' },
    { kind: 'refresh-token', token: 'T' },
  ],
  [{ registrytoken: 'R' }, { kind: 'header', authorization: 'Bearer R' }],
  [{}, undefined],
])('find reads an entry like %j', async (entry, credentials) => {
  writeConfig({ auths: { 'r.example:5000': entry } });
  expect((await store.find('r.example:5000'))?.credentials).toEqual(credentials);
  expect(await store.find('r.example')).toBeUndefined();
});

test.each(['docker.io', 'index.docker.io', 'registry-1.docker.io'])(
  'find knows %s by every name of it',
  async (host) => {
    for (const server of ['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io']) {
      writeConfig({ auths: { [server]: { auth: base64('me:p') } } });
      expect(await store.find(host)).toEqual({ credentials: basic('me', 'p'), place: store.path });
    }
  },
);

test('find takes the URLs that older versions wrote for hosts', async () => {
  writeConfig({ auths: { 'https://r.example/v2/': { auth: base64('me:p') } } });
  expect((await store.find('r.example'))?.credentials).toEqual(basic('me', 'p'));
});

test.each([
  ['{"auths": SECRET', /config\.json: it is not JSON$/],
  ['[]', /it is not a JSON object$/],
  [{ auths: [] }, /auths is not an object$/],
  [{ auths: { 'r.example': 'SECRET' } }, /auths has no usable entry for "r\.example"$/],
  [{ auths: { 'r.example': { auth: 'SECRET!' } } }, /"r\.example": auth is not base64$/],
  [{ auths: { 'r.example': { auth: base64('SECRET') } } }, /auth is not base64 of USER:PASSWORD$/],
  [{ credsStore: 3 }, /credsStore is not a string$/],
  [{ credHelpers: { 'r.example': null } }, /credHelpers of "r\.example" is not a string$/],
  [{ credsStore: '../evil' }, /credential helper "\.\.\/evil": not a name$/],
  [{ credsStore: 'absent' }, /credential helper docker-credential-absent: no such program in PATH$/],
])('find says what is wrong with %j, and no secret', async (config, message) => {
  writeConfig(config);
  await expect(store.find('r.example')).rejects.toThrow(message);
  await expect(store.find('r.example')).rejects.not.toThrow(/SECRET/);
});

test('store writes for its owner alone, and leaves the rest of the file', async () => {
  writeConfig({ psFormat: 'x', auths: { 'a.example': { auth: base64('a:b') }, 'https://r.example/v1/': {} } });
  chmodSync(store.path, 0o644);
  expect(await store.store('r.example', { kind: 'basic', username: 'me', password: 'p' })).toBe(store.path);
  expect(readConfig()).toEqual({
    psFormat: 'x',
    auths: { 'a.example': { auth: base64('a:b') }, 'r.example': { auth: base64('me:p') } },
  });
  expect(statSync(store.path).mode & 0o777).toBe(0o600);
  await store.store('r.example', { kind: 'refresh-token', token: 'T' });
  expect((await store.find('r.example'))?.credentials).toEqual({ kind: 'refresh-token', token: 'T' });
});

test('store makes file and folder, and follows a symbolic link', async () => {
  await store.store('docker.io', { kind: 'basic', username: 'me', password: 'p' });
  expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o700);
  expect(Object.keys(readConfig()['auths'] as object)).toEqual(['https://index.docker.io/v1/']);
  rmSync(store.path);
  writeFileSync(join(folder, 'real.json'), '{}');
  symlinkSync('../real.json', store.path);
  await store.store('r.example', { kind: 'basic', username: 'me', password: 'p' });
  expect(readFileSync(join(folder, 'real.json'), 'utf8')).toContain('r.example');
});

test('erase forgets one host', async () => {
  writeConfig({ auths: { 'r.example': { auth: base64('me:p') }, 'a.example': {} } });
  expect(await store.erase('r.example')).toBe(true);
  expect(await store.erase('r.example')).toBe(false);
  expect(readConfig()).toEqual({ auths: { 'a.example': {} } });
});

test('a helper of the host comes before that of all hosts, and a file before nothing', async () => {
  writeHelper('own');
  writeHelper('all', 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"T\\"}"');
  writeConfig({
    credsStore: 'all',
    credHelpers: { 'r.example': 'own', 'docker.io': 'own' },
    auths: { 'r.example': { auth: base64('file:p') } },
  });
  expect(await store.find('other.example')).toEqual({
    credentials: { kind: 'refresh-token', token: 'T' },
    place: 'docker-credential-all',
  });
  expect(await store.placeOf('docker.io')).toBe('docker-credential-own');
  expect(await store.find('docker.io')).toBeUndefined();
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('get https://index.docker.io/v1/\n');
  expect(await store.find('r.example')).toEqual({ credentials: basic('file', 'p'), place: store.path });
  writeFileSync(join(folder, 'kept.r_example'), '{"Username":"kept","Secret":"s"}');
  expect((await store.find('r.example'))?.credentials).toEqual(basic('kept', 's'));
});

test('a login is kept by the helper, not in the file', async () => {
  writeHelper('all');
  writeConfig({ credsStore: 'all' });
  expect(await store.store('r.example', { kind: 'basic', username: 'me', password: 'secret' })).toBe(
    'docker-credential-all',
  );
  expect(JSON.parse(readFileSync(join(folder, 'stored'), 'utf8'))).toEqual({
    ServerURL: 'r.example',
    Username: 'me',
    Secret: 'secret',
  });
  expect(readConfig()).toEqual({ credsStore: 'all', auths: { 'r.example': {} } });
  writeFileSync(join(folder, 'kept.r_example'), '{"Username":"kept","Secret":"s"}');
  expect(await store.erase('r.example')).toBe(true);
  expect(existsSync(join(folder, 'kept.r_example'))).toBe(false);
  expect(await store.erase('r.example')).toBe(false);
});

test.each([
  ['echo it is locked; exit 3', /docker-credential-bad get: it is locked$/],
  ['exit 3', /get: it ended with 3$/],
  ['kill -9 $$', /get: it ended with SIGKILL$/],
  ['echo SECRET', /its answer is not a JSON object$/],
  ['echo "{\\"Username\\":\\"SECRET\\"}"', /its answer lacks Username or Secret$/],
  ['head -c 3000000 /dev/zero', /its answer has more than 1048576 bytes$/],
])('a helper that does %s fails with what it said', async (script, message) => {
  writeHelper('bad', script);
  writeConfig({ credsStore: 'bad' });
  await expect(store.find('r.example')).rejects.toThrow(message);
  await expect(store.find('r.example')).rejects.not.toThrow(/SECRET/);
});
