import { afterAll, beforeAll, expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import type { FindCredentials } from '../../client/transfer/auth.ts';
import { registryImage, storedImage } from '../../client/transfer/endpoints.ts';
import type { TransferProgress } from '../../client/transfer/progress.ts';
import { transfer } from '../../client/transfer/transfer.ts';
import { pack } from '../../proto/any.ts';
import { eventually } from '../helpers/eventually.ts';
import { ignores } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { NamedStream } from '../helpers/named-stream.ts';
import { busyboxOciImage, machineArchitecture, type OciImage } from '../helpers/oci-image.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';
import {
  transfer as plainTransfer,
  receiveBytes,
  registry as registryMessage,
  store as storeMessage,
  streamName,
} from '../helpers/transfers.ts';

let side: Side;
let image: OciImage;
const platform = { os: 'linux', architecture: machineArchitecture };
const unpacked = { platforms: [platform], unpacks: [{ platform }] };

beforeAll(async () => {
  [side, image] = await Promise.all([Side.start('gantryd'), busyboxOciImage()]);
});
afterAll(() => side[Symbol.asyncDispose]());

const images = () => side.client.service('containerd.services.images.v1.Images');
const imageNames = async () => (await images().List({})).images.map(({ name }) => name);
const leases = async () => (await side.client.service('containerd.services.leases.v1.Leases').List({})).leases;

async function removeImages(): Promise<void> {
  for (const name of await imageNames()) await images().Delete({ name, sync: true });
}

async function pull(reference: string, find?: FindCredentials): Promise<TransferProgress[]> {
  const told: TransferProgress[] = [];
  const source = registryImage(reference, { defaultScheme: 'http', findCredentials: find });
  const target = storedImage({ name: reference, ...unpacked });
  await transfer(side.client, source, target, { onProgress: (progress) => told.push(progress) });
  return told;
}

test('an image comes from a registry of Debian\u2019s, and runs', async () => {
  await using registry = await Registry.start();
  const reference = `${registry.host}/busybox:1`;
  await pushBySkopeo(image, reference);
  const told = await pull(reference);
  const words = told.map(({ event }) => event);
  expect(words.slice(0, 3)).toEqual([
    ...[`Resolving from OCI Registry (${reference})`, `Pulling from OCI Registry (${reference})`],
    'fetching image content',
  ]);
  expect(words.slice(-2)).toEqual(['saved', `Completed pull from OCI Registry (${reference})`]);
  for (const name of image.blobs.keys()) {
    const events = told
      .filter(({ desc, name: at }) => desc?.digest === name && at !== reference)
      .map(({ event }) => event);
    expect(events[0]).toBe('waiting');
    expect(events).toContain('complete');
  }
  expect((await images().Get({ name: reference })).image?.target?.digest).toBe(image.root.digest);
  expect(await side.ctr.ok('run', '--rm', reference, 'c1', 'echo', 'pulled')).toBe('pulled\n');
  expect((await pull(reference)).map(({ event }) => event)).toContain('already exists');
  await removeImages();
  expect(await leases()).toEqual([]);
});

test('what was pulled goes back, as it was, and to another registry under another name', async () => {
  await using registry = await Registry.start();
  await using other = await FaultyRegistry.start({ tokens: {} });
  const reference = `${registry.host}/busybox:1`;
  await pushBySkopeo(image, reference);
  await pull(reference);
  const push = async (target: string) => {
    const told: TransferProgress[] = [];
    const findCredentials = async () => ({ kind: 'basic', ...registryUser }) as const;
    const destination = registryImage(target, { defaultScheme: 'http', findCredentials });
    const options = { onProgress: (progress: TransferProgress) => told.push(progress) };
    await transfer(side.client, storedImage({ name: reference }), destination, options);
    return told;
  };
  const again = await push(`${registry.host}/copy:2`);
  expect(again[0]?.event).toBe(`Pushing to OCI Registry (${registry.host}/copy:2)`);
  expect(again.at(-1)?.event).toBe(`Completed push to OCI Registry (${registry.host}/copy:2)`);
  expect(JSON.parse(await skopeo('inspect', `docker://${registry.host}/copy:2`))).toMatchObject({
    Digest: image.root.digest,
  });
  await push(`${other.host}/private/x:3`);
  expect(other.find('private/x', '3')?.equals(image.blobs.get(image.root.digest) ?? Buffer.of())).toBe(true);
  for (const digest of image.blobs.keys()) expect(other.find('private/x', digest)).toBeDefined();
  const missing = transfer(side.client, storedImage({ name: 'nothing' }), registryImage(`${registry.host}/x:1`));
  await expect(missing).rejects.toMatchObject({ kind: 'not-found' });
  await removeImages();
});

test('a registry that wants tokens is answered by the client, and its secrets are shown to nobody', async () => {
  await using registry = await FaultyRegistry.start({ tokens: {} });
  const reference = registry.add('private/busybox', '1', image);
  await expect(pull(reference)).rejects.toMatchObject({ kind: 'unauthenticated' });
  const asked: Parameters<FindCredentials>[0][] = [];
  const told = await pull(reference, async (question) => {
    asked.push(question);
    return { kind: 'basic', ...registryUser };
  });
  expect(asked).toEqual([{ host: registry.host, reference, challenges: [expect.stringMatching(/^Bearer realm=/)] }]);
  expect(told.at(-1)?.event).toMatch(/^Completed pull/);
  await removeImages();
  await pull(reference, async () => ({ kind: 'refresh-token', token: registry.tokens?.refreshToken ?? '' }));
  await removeImages();

  const none = pull(reference, async () => undefined);
  await expect(none).rejects.toMatchObject({
    kind: 'unauthenticated',
    message: expect.stringMatching(/credentials were looked for in stream "creds[^"]*" of the client/),
  });
  const wrong = pull(reference, async () => ({ kind: 'basic', username: 'hand', password: 'secret of mine' }));
  await expect(wrong).rejects.toMatchObject({ message: expect.not.stringContaining('secret of mine') });
  const failing = pull(reference, async () => {
    throw new GantryError('internal', 'the keyring is locked');
  });
  await expect(failing).rejects.toThrow('the keyring is locked');
  expect(await imageNames()).toEqual([]);
  for (const secret of registry.tokens?.secrets ?? []) expect(side.log).not.toContain(secret);
});

test('a client that goes stops its pull, and the next one goes on from there', async () => {
  await using registry = await FaultyRegistry.start();
  const reference = registry.add('busybox', '1', image);
  const layer = [...image.blobs].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '';
  registry.on({ kind: 'blob', name: layer }, ignores);
  const abort = new AbortController();
  const request = { signal: abort.signal };
  const source = registryMessage({ reference, resolver: { defaultScheme: 'http' } });
  const pulling = plainTransfer(side.client, source, storeMessage({ name: reference }), request);
  pulling.catch(() => undefined);
  const { Info } = side.client.service('containerd.services.content.v1.Content');
  await eventually(async () => {
    expect(registry.requests.map(({ name }) => name)).toContain(layer);
    for (const digest of image.blobs.keys()) if (digest !== layer) await Info({ digest });
  });
  abort.abort();
  await expect(pulling).rejects.toMatchObject({ kind: 'canceled' });
  expect(await imageNames()).toEqual([]);
  registry.heal();
  const before = registry.requests.length;
  await pull(reference);
  const asked = registry.requests.slice(before).filter(({ kind }) => kind === 'blob');
  expect(new Set(asked.map(({ name }) => name))).toEqual(new Set([layer]));
  await removeImages();
});

test('headers of the client are sent, and who does not listen to progress holds nothing up', async () => {
  await using registry = await FaultyRegistry.start();
  const reference = registry.add('busybox', '1', image);
  using deaf = await NamedStream.open(side.client, streamName('progress'));
  const resolver = { defaultScheme: 'http', headers: { 'x-trace': 'abc' } };
  await plainTransfer(side.client, registryMessage({ reference, resolver }), storeMessage({ name: reference }), {
    progressStream: deaf.name,
  });
  expect(registry.requests.every(({ headers }) => headers['x-trace'] === 'abc')).toBe(true);
  await removeImages();
});

test('a pull needs a name to store under, and streams that there are', async () => {
  const reference = '127.0.0.1:1/x:1';
  const source = registryMessage({ reference });
  await expect(plainTransfer(side.client, source, storeMessage({}))).rejects.toMatchObject({ kind: 'not-found' });
  const asking = registryMessage({ reference, resolver: { authStream: 'nowhere' } });
  await expect(plainTransfer(side.client, asking, storeMessage({ name: 'x' }))).rejects.toMatchObject({
    kind: 'not-found',
    message: 'stream "nowhere": not found',
  });
  const wrong = registryMessage({ reference: 'no reference/' });
  await expect(plainTransfer(side.client, wrong, storeMessage({ name: 'x' }))).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
});

test('the requests of a pull can be looked at, without the secrets in them', async () => {
  await using registry = await FaultyRegistry.start({ tokens: {} });
  const reference = registry.add('busybox', '1', image);
  using log = await NamedStream.open(side.client, streamName('logs'));
  using auth = await NamedStream.open(side.client, streamName('auth'));
  const text = Array.fromAsync(receiveBytes(log));
  text.catch(() => undefined);
  const resolver = { defaultScheme: 'http', authStream: auth.name, httpDebug: 'DEBUG', logsStream: log.name } as const;
  const source = registryMessage({ reference, resolver });
  const pulling = plainTransfer(side.client, source, storeMessage({ name: reference }));
  await auth.receive();
  const { username, password } = registryUser;
  auth.send(pack('containerd.types.transfer.AuthResponse', { authType: 'CREDENTIALS', username, secret: password }));
  await pulling;
  const told = Buffer.concat(await text).toString();
  for (const { method, path, status } of registry.requests) {
    const url = `http://${registry.host}${path.replace(/\?.*/, '')}`;
    expect(told).toContain(`> ${method} ${url}`);
    expect(told).toContain(`< ${status} (`);
  }
  expect(told).toContain('> authorization: <masked>');
  for (const secret of registry.tokens?.secrets ?? []) expect(told).not.toContain(secret);
  await removeImages();
});
