import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { CertificateAuthority } from '../helpers/certificates.ts';
import { busyboxOciImage } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';
import { storesOf } from '../helpers/stores.ts';

const { scenario } = bothDaemons();

const stack = new AsyncDisposableStack();
const known = `${registryUser.username}:${registryUser.password}`;
let authority: CertificateAuthority;
let registry: Registry;
let hostsFolder: string;

beforeAll(async () => {
  const folder = stack.use(new TempFolder()).path;
  authority = new CertificateAuthority(folder);
  registry = stack.use(await Registry.start({ tls: authority.issue('server'), password: true }));
  await pushBySkopeo(await busyboxOciImage(), `${registry.foreignHost}/box:1`, `--dest-creds=${known}`);
  hostsFolder = join(folder, 'hosts');
  mkdirSync(join(hostsFolder, 'mirrored.test'), { recursive: true });
  const pullOnly = `capabilities = ["pull", "resolve"]\nca = "${authority.certificatePath}"`;
  const hosts = `server = "https://mirrored.test"\n[host."${registry.url}"]\n${pullOnly}\n`;
  writeFileSync(join(hostsFolder, 'mirrored.test', 'hosts.toml'), hosts);
});

afterAll(() => stack.disposeAsync());

const trusting = () => ['--tlscacert', authority.certificatePath];

scenario('images pull from a registry with TLS and a password', async ({ ctr, client }) => {
  const name = `${registry.foreignHost}/box:1`;
  await ctr.ok('images', 'pull', ...trusting(), '--user', known, name);
  const stores = await storesOf(client);
  expect(stores.blobs).toHaveLength(3);
  await ctr.ok('images', 'rm', '--sync', name);
  await ctr.ok('images', 'pull', '--skip-verify', '--user', known, name);
  expect(await storesOf(client)).toEqual(stores);
  await ctr.ok('images', 'rm', '--sync', name);
  return stores;
});

scenario('images pull without trust, or unknown, fails and leaves nothing', async ({ ctr, client }) => {
  const name = `${registry.foreignHost}/box:1`;
  const errors = [
    await ctr.fails('images', 'pull', '--user', known, name),
    await ctr.fails('images', 'pull', ...trusting(), name),
    await ctr.fails('images', 'pull', ...trusting(), '--user', 'hand:wrong', name),
  ];
  expect(errors[0]).toContain('certificate signed by unknown authority');
  expect(errors[1]).toContain('401 Unauthorized');
  expect(errors[2]).toContain('401 Unauthorized');
  expect(await storesOf(client)).toEqual({ images: [], blobs: [], writing: [], snapshots: [], leases: [] });
  return errors;
});

scenario('images pull from the mirror that hosts.toml names', async ({ ctr, client }) => {
  const name = 'mirrored.test/box:1';
  await ctr.ok('images', 'pull', '--hosts-dir', hostsFolder, '--user', known, name);
  const stores = await storesOf(client);
  expect(stores.images).toMatchObject([{ name }]);
  await ctr.ok('images', 'rm', '--sync', name);
  return stores;
});

scenario('images push to a registry with TLS and a password', async ({ ctr, kind }) => {
  const name = `${registry.foreignHost}/box:1`;
  await ctr.ok('images', 'pull', ...trusting(), '--user', known, name);
  const target = `${registry.foreignHost}/${kind}:1`;
  const error = await ctr.fails('images', 'push', ...trusting(), target, name);
  await ctr.ok('images', 'push', ...trusting(), '--user', known, target, name);
  const raw = (image: string) => skopeo('inspect', '--raw', `--creds=${known}`, `docker://${image}`);
  expect(await raw(target)).toBe(await raw(name));
  await ctr.ok('images', 'rm', '--sync', name);
  return error.replaceAll(kind, '<side>');
});
