import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CertificateAuthority } from '../../test/helpers/certificates.ts';
import { TempFolder } from '../../test/helpers/paths.ts';
import { hostsOf } from './directory.ts';

/** Directories under a root, each with a file of that text. */
function lay(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const first = async (domain: string, directories: string[]) => (await hostsOf(domain, directories))[0]?.authority;

test('the directory of a registry is found by its names in order', async () => {
  using folder = new TempFolder();
  const root = lay(folder.path, { '_default/hosts.toml': '[host."default.example"]' });
  expect(await first('r.example:5000', [root])).toBe('default.example');
  lay(root, { 'r.example:5000/hosts.toml': '[host."colon.example"]' });
  expect(await first('r.example:5000', [root])).toBe('colon.example');
  lay(root, { 'r.example_5000_/hosts.toml': '[host."underscore.example"]' });
  expect(await first('r.example:5000', [root])).toBe('underscore.example');
  // Another port is another registry.
  expect(await first('r.example', [root])).toBe('default.example');
});

test('of several directories the first that knows the registry counts', async () => {
  using folder = new TempFolder();
  const a = lay(join(folder.path, 'a'), { 'one.example/hosts.toml': '[host."a.example"]' });
  const b = lay(join(folder.path, 'b'), {
    'one.example/hosts.toml': '[host."b.example"]',
    'two.example/hosts.toml': '[host."b.example"]',
  });
  const absent = join(folder.path, 'absent');
  expect(await first('one.example', [absent, a, b])).toBe('a.example');
  expect(await first('two.example', [absent, a, b])).toBe('b.example');
  expect(await first('three.example', [absent, a, b])).toBe('three.example');
});

test('without hosts.toml certificates count as Docker has them', async () => {
  using folder = new TempFolder();
  const authority = new CertificateAuthority(folder.path, 'authority');
  const client = authority.issue('me');
  const directory = join(folder.path, 'r.example');
  mkdirSync(directory);
  cpSync(authority.certificatePath, join(directory, 'ca.crt'));
  cpSync(client.certificatePath, join(directory, 'me.cert'));
  cpSync(client.keyPath, join(directory, 'me.key'));
  const [host] = await hostsOf('r.example', [folder.path]);
  expect(host).toMatchObject({ authority: 'r.example', scheme: 'https' });
  expect(host?.tls?.ca).toHaveLength(1);
  expect(host?.tls?.client).toHaveLength(1);

  cpSync(client.keyPath, join(directory, 'lonely.key'));
  await expect(hostsOf('r.example', [folder.path])).rejects.toThrow('lonely.key: there is no lonely.cert for it');
});

test('a hosts.toml that makes no sense is an error, not nothing', async () => {
  using folder = new TempFolder();
  lay(folder.path, { 'r.example/hosts.toml': 'server = [' });
  await expect(hostsOf('r.example', [folder.path])).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: expect.stringContaining(join(folder.path, 'r.example/hosts.toml')),
  });
});

test.each([
  ['docker.io', { authority: 'registry-1.docker.io', scheme: 'https', mayFallBackToHttp: false }],
  ['registry.example:5000', { authority: 'registry.example:5000', scheme: 'https', mayFallBackToHttp: false }],
  ['localhost:5000', { scheme: 'https', mayFallBackToHttp: true, tls: { skipVerify: true } }],
  ['127.0.0.3:5000', { scheme: 'https', mayFallBackToHttp: true, tls: { skipVerify: true } }],
  ['[::1]:5000', { scheme: 'https', mayFallBackToHttp: true, tls: { skipVerify: true } }],
  ['localhost', { scheme: 'https', mayFallBackToHttp: false, tls: { skipVerify: true } }],
  ['localhost:80', { scheme: 'http', mayFallBackToHttp: false, tls: undefined }],
  ['128.0.0.1:5000', { scheme: 'https', mayFallBackToHttp: false, tls: undefined }],
])('nothing is configured for %s', async (domain, expected) => {
  expect(await hostsOf(domain, [])).toMatchObject([{ path: '/v2', isUpstream: true, ...expected }]);
});

test('who insists on a scheme gets that', async () => {
  expect(await hostsOf('localhost:5000', [], 'http')).toMatchObject([{ scheme: 'http', mayFallBackToHttp: false }]);
  expect(await hostsOf('localhost:5000', [], 'https')).toMatchObject([{ scheme: 'https', tls: undefined }]);
});
