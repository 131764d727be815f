import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../../test/helpers/certificates.ts';
import { TempFolder } from '../../test/helpers/paths.ts';
import { hostsFromFile } from './hosts-file.ts';

const folder = new TempFolder();
const path = join(folder.path, 'hosts.toml');
const authority = new CertificateAuthority(folder.path, 'ca');
const client = authority.issue('client');
const pem = (file: string) => readFileSync(file, 'utf8');
writeFileSync(join(folder.path, 'both.pem'), pem(client.certificatePath) + pem(client.keyPath));

afterAll(() => folder[Symbol.dispose]());

const read = (text: string, domain = 'registry.example', scheme?: string) =>
  hostsFromFile(text, { path, domain, scheme });
const urls = async (text: string, domain?: string) =>
  (await read(text, domain)).map((host) => `${host.scheme}://${host.authority}${host.path}`);

test('hosts are asked in the order of the file, and the server after them', async () => {
  const text = `
    server = "https://up.example"
    [host."https://z.example"]
    [host."http://a.example:5000/mirror/"]
    [host."m.example"]
    [host."https://z.example".header]
    x-one = "1"`;
  expect(await urls(text)).toEqual([
    'https://z.example/v2',
    'http://a.example:5000/mirror/v2',
    'https://m.example/v2',
    'https://up.example/v2',
  ]);
});

test('without a server the registry itself is the last to be asked, with what the root says of it', async () => {
  expect(await urls('[host."https://m.example"]', 'docker.io')).toEqual([
    'https://m.example/v2',
    'https://registry-1.docker.io/v2',
  ]);
  const [upstream] = await read('skip_verify = true\ndial_timeout = "1.5s"');
  expect(upstream).toMatchObject({ authority: 'registry.example', dialTimeoutMs: 1_500, isUpstream: true });
  expect(upstream?.tls?.skipVerify).toBe(true);
  expect(await read('', 'registry.example', 'http')).toMatchObject([{ scheme: 'http' }]);
});

test('fallback = false asks nobody but the hosts', async () => {
  expect(await urls('fallback = false\n[host."https://m.example"]')).toEqual(['https://m.example/v2']);
});

test('override_path leaves the path as it is, and /v2 is not doubled', async () => {
  const text = `
    [host."https://a.example/v2/upstream"]
    override_path = true
    [host."https://b.example/x/v2"]
    [host."https://c.example"]
    override_path = true`;
  expect((await urls(text)).slice(0, 3)).toEqual([
    'https://a.example/v2/upstream',
    'https://b.example/x/v2',
    'https://c.example',
  ]);
});

test('capabilities are those that are named, or all', async () => {
  const [some, none] = await read('[host."https://a.example"]\ncapabilities = ["Pull", "resolve"]\n[host."b.example"]');
  expect([...(some?.capabilities ?? [])]).toEqual(['pull', 'resolve']);
  expect([...(none?.capabilities ?? [])]).toEqual(['pull', 'resolve', 'push', 'referrers']);
});

test('headers hold a string or several', async () => {
  const [host] = await read('[host."a.example"]\n[host."a.example".header]\nX-One = "1"\nx-two = ["2", "3"]');
  expect(host?.headers).toEqual({ 'x-one': ['1'], 'x-two': ['2', '3'] });
});

test.each([
  ['ca = "ca.crt"', { ca: [pem(authority.certificatePath)], client: [] }],
  [
    `ca = ["ca.crt", "${client.certificatePath}"]`,
    { ca: [pem(authority.certificatePath), pem(client.certificatePath)] },
  ],
  ['client = "both.pem"', { client: [{ cert: pem(join(folder.path, 'both.pem')) }] }],
  ['client = ["both.pem"]', { client: [{ cert: pem(join(folder.path, 'both.pem')) }] }],
  [
    'client = [["client.crt", "client.key"], ["both.pem", ""]]',
    {
      client: [
        { cert: pem(client.certificatePath), key: pem(client.keyPath) },
        { cert: pem(join(folder.path, 'both.pem')) },
      ],
    },
  ],
])('%s is read from beside the file', async (line, expected) => {
  const [host] = await read(`[host."a.example"]\n${line}`);
  expect(host?.tls).toMatchObject({ skipVerify: false, ...expected });
});

test('plain HTTP with settings of TLS tries TLS first', async () => {
  const [host] = await read('[host."http://10.0.0.1:5000"]\nskip_verify = true');
  expect(host).toMatchObject({ scheme: 'https', mayFallBackToHttp: true });
  const [plain] = await read('[host."http://10.0.0.1:80"]\nskip_verify = true');
  expect(plain).toMatchObject({ scheme: 'http', mayFallBackToHttp: false });
});

describe('what is wrong is named with file, key and what is expected', () => {
  test.each([
    ['server = 1', `${path}: server must be a string`],
    ['sever = "https://x"', `${path}: unknown key "sever": there are capabilities, ca,`],
    ['[host."a.example"]\nserver = "x"', `${path}: host."a.example": unknown key "server"`],
    [
      '[host."a.example"]\ncapabilities = ["pul"]',
      'host."a.example": capabilities must be a list of some of "pull", "resolve"',
    ],
    ['[host."a.example"]\nskip_verify = "yes"', 'host."a.example": skip_verify must be true or false'],
    ['[host."a.example"]\ndial_timeout = "5"', 'host."a.example": dial_timeout must be a duration such as "5s"'],
    ['[host."a.example"]\ndial_timeout = "0s"', 'dial_timeout must be a duration'],
    ['ca = 5', `${path}: ca must be the path of a file or a list of them`],
    ['ca = "absent.crt"', `${path}: ca: ENOENT`],
    ['ca = "hosts.toml.txt"', 'has no certificate in PEM'],
    ['client = [["a", "b", "c"]]', 'client must be the path of a file, a list of them, or a list of pairs'],
    ['client = "client.crt"', 'has no private key in PEM'],
    ['client = [["client.crt", "ca.key"]]', 'is not that of the certificate in'],
    ['[header]\nx = 1', 'header.x must be a string or a list of strings'],
    ['[header]\n"x y" = "1"', 'header.x y must be the name and text of an HTTP header'],
    ['[header]\nx = "a\\r\\nb: c"', 'header.x must be the name and text of an HTTP header'],
    ['server = "ftp://x"', 'server: must be a URL such as'],
    ['server = "https://me:secret@x"', 'server: must be a URL such as'],
    ['[host."https://x/?token=1"]', 'must be a URL such as'],
    ['host = 1', 'host must be tables such as'],
    ['host.a = 1', 'host."a": must be a table'],
    ['fallback = false', 'fallback = false needs a [host."URL"] table'],
    ['fallback = false\nserver = "a"\n[host.b]', '"server" is never asked with fallback = false'],
    ['a = [', `${path}: Invalid TOML document`],
  ])('%j', async (text, message) => {
    writeFileSync(join(folder.path, 'hosts.toml.txt'), 'no certificate');
    const error = await read(text).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: 'failed-precondition' });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });
});
