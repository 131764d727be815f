import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GantryError } from '../base/errors.ts';
import type { RegistryOptions } from '../client/transfer/endpoints.ts';
import { type GivenRegistryOptions, withRegistry } from './registry-options.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync('/tmp/gro-');
  vi.stubEnv('DOCKER_CONFIG', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const basic = (username: string, password: string) => ({ kind: 'basic', username, password });
const ask = (options: RegistryOptions, host: string, reference: string) =>
  options.findCredentials?.({ host, reference, challenges: [] });

function keep(...hosts: string[]): void {
  const auths = hosts.map((host) => [host, { auth: Buffer.from(`kept:${host}`).toString('base64') }]);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: Object.fromEntries(auths) }));
}

test('--user is for the registry of the reference, whatever its host is called, and for no mirror', async () => {
  keep('mirror.example');
  await withRegistry({ user: 'me:a:b' }, async (options) => {
    expect(await ask(options, 'registry-1.docker.io', 'docker.io/library/x:1')).toEqual(basic('me', 'a:b'));
    expect(await ask(options, 'r.example:5000', 'r.example:5000/x:1')).toEqual(basic('me', 'a:b'));
    expect(await ask(options, 'mirror.example', 'docker.io/library/x:1')).toEqual(basic('kept', 'mirror.example'));
    expect(await ask(options, 'evil.example', 'docker.io/library/x:1')).toBeUndefined();
  });
});

test('a folder of hosts.toml files is named in full', async () => {
  const hostsDir = await withRegistry({ hostsDir: 'certs.d' }, async (options) => options.hostsDir);
  expect(hostsDir).toBe(join(process.cwd(), 'certs.d'));
});

/** The error of a pull that asks for credentials of a host once and is then refused. */
async function refusal(
  given: GivenRegistryOptions,
  host: string,
  kind: 'unauthenticated' | 'not-found' = 'unauthenticated',
) {
  const work = withRegistry(given, async (options) => {
    await ask(options, host, `${host}/x:1`);
    const where = 'credentials were looked for in stream "creds-1" of the client';
    throw new GantryError(kind, `resolve: 401; ${where}: unauthorized`);
  });
  return work.catch((error: unknown) => error as Error);
}

test('who is not let in learns what was shown, and from where', async () => {
  keep('known.example');
  const file = join(folder, 'config.json');
  expect(await refusal({}, 'known.example')).toMatchObject({
    kind: 'unauthenticated',
    message: `resolve: 401: unauthorized (credentials for known.example: it was shown those of "kept" from ${file})`,
  });
  expect((await refusal({}, 'registry-1.docker.io')).message).toContain(
    `there are none in ${file}; "gantry login docker.io" puts some there`,
  );
  expect((await refusal({ user: 'me:secret' }, 'other.example')).message).toMatch(/those of "me" from --user\)$/);
  expect((await refusal({}, 'known.example', 'not-found')).message).not.toContain('kept');
});

test('--user without a name is refused', async () => {
  await expect(withRegistry({ user: ':x' }, async () => undefined)).rejects.toThrow('must be USER or USER:PASSWORD');
});
