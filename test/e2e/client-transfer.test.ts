import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  archiveSource,
  archiveTarget,
  exportImages,
  findImage,
  GantryError,
  pullImage,
  pushImage,
  removeImage,
  storedImage,
  transfer,
} from '../../client/index.ts';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { busyboxOciImage, type OciImage } from '../helpers/oci-image.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo } from '../helpers/skopeo.ts';

// What a Node program does with images by way of the library.

const { username, password } = registryUser;
const name = 'docker.io/library/moved:1';
const stack = new AsyncDisposableStack();
let side: Side;
let registry: Registry;
let box: OciImage;

beforeAll(async () => {
  registry = stack.use(await Registry.start({ password: true }));
  side = stack.use(await Side.start('gantryd'));
  box = await busyboxOciImage();
  await pushBySkopeo(box, `${registry.host}/box:1`, `--dest-creds=${username}:${password}`);
});

afterAll(() => stack.disposeAsync());

async function* pieces(bytes: Buffer, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += sizeBytes) yield bytes.subarray(offset, offset + sizeBytes);
}

async function concat(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('an archive goes in and out through the daemon', async () => {
  const { client } = side;
  const path = join(side.daemon.folder, 'moved.tar');
  await writeArchive(path, await busyboxImage({ name }));
  const events: string[] = [];
  const store = storedImage({ extraReferences: [{ name: 'docker.io/library/moved', isPrefix: true }] });
  await transfer(client, archiveSource(pieces(gzipSync(readFileSync(path)), 100_001)), store, {
    onProgress: ({ event }) => events.push(event),
  });
  expect(events).toEqual(expect.arrayContaining(['Importing', 'saved', 'Completed import']));
  expect((await findImage(client, 'moved:1')).name).toBe(name);
  const written: Uint8Array[] = [];
  const target = archiveTarget(async (bytes) => void written.push(Buffer.from(bytes)));
  await transfer(client, storedImage({ name }), target);
  // The daemon writes what the client would have written.
  expect(Buffer.concat(written).equals(await concat(exportImages(client, [name])))).toBe(true);
  await removeImage(client, name);
});

test('a program pulls and pushes with credentials of its own', async () => {
  const { client } = side;
  const asked: string[] = [];
  const findCredentials = async ({ host }: { host: string }) => {
    asked.push(host);
    return { kind: 'basic', username, password } as const;
  };
  const record = await pullImage(client, `${registry.host}/box:1`, { findCredentials, unpack: false });
  expect(record).toMatchObject({ name: `${registry.host}/box:1`, target: { digest: box.root.digest } });
  expect(new Set(asked)).toEqual(new Set([registry.host]));
  await pushImage(client, record.name, { target: `${registry.host}/pushed:1`, findCredentials });
  await removeImage(client, record.name);
  const again = await pullImage(client, `${registry.host}/pushed:1`, { findCredentials, unpack: false });
  expect(again.target.digest).toBe(box.root.digest);
  await removeImage(client, again.name);
});

test('what the search for credentials throws ends the pull', async () => {
  const findCredentials = async () => {
    throw new GantryError('failed-precondition', 'the keys are lost');
  };
  const pull = pullImage(side.client, `${registry.host}/box:1`, { findCredentials });
  await expect(pull).rejects.toThrow('the keys are lost');
  const anonymous = pullImage(side.client, `${registry.host}/box:1`);
  await expect(anonymous).rejects.toMatchObject({ kind: 'unauthenticated' });
});
