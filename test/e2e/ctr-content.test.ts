import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { labelsIn } from '../helpers/ctr.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

const sha256 = (text: string | Buffer) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The rows of `content ls` without the age, which is a matter of speed. */
async function blobs({ ctr }: Side, ...filters: string[]): Promise<string[][]> {
  const table = await ctr.ok('content', 'ls', ...filters);
  const rows = table.trim().split('\n').slice(1);
  return rows
    .map((row) => row.split('\t'))
    .map(([digest = '', size = '', _age, labels = '']) => [digest, size, ...labelsIn(labels)])
    .sort();
}

async function ingest({ ctr }: Side, ref: string, text: string, ...flags: string[]) {
  return ctr.try(['content', 'ingest', ...flags, ref], { input: text });
}

/** Digest of the image's manifest. */
async function manifestDigest({ ctr }: Side): Promise<string> {
  return (await ctr.ok('images', 'ls', `name==${image}`)).split('\n')[1]?.split(/\s+/)[2] ?? '';
}

scenario('content ls shows the blobs of the image with their labels', async (side) => {
  const rows = await blobs(side);
  expect(rows).toHaveLength(3);
  expect(rows.flat().join()).toContain('containerd.io/gc.ref.content.config=sha256:');
  return rows;
});

scenario('content ls filters by label', async (side) => {
  const rows = await blobs(side, 'labels."containerd.io/uncompressed"');
  expect(rows).toHaveLength(1);
  return rows;
});

scenario('content get prints a blob byte by byte', async (side) => {
  const digest = await manifestDigest(side);
  const manifest = await side.ctr.ok('content', 'get', digest);
  expect(sha256(manifest)).toBe(digest);
  return manifest;
});

scenario('content get of an unknown or malformed digest fails', async ({ ctr }) => [
  await ctr.fails('content', 'get', sha256('nobody has this')),
  await ctr.fails('content', 'get', 'sha256:short'),
]);

scenario('content ingest stores what it is given', async (side) => {
  const digest = sha256('hello');
  const { code } = await ingest(side, 'ref-hello', 'hello', '--expected-size', '5', '--expected-digest', digest);
  expect(code).toBe(0);
  expect(await side.ctr.ok('content', 'get', digest)).toBe('hello');
  const row = (await blobs(side)).find(([name]) => name === digest);
  const removed = await side.ctr.ok('content', 'rm', digest);
  expect((await blobs(side)).find(([name]) => name === digest)).toBeUndefined();
  return { row, removed };
});

scenario('content ingest refuses a wrong digest or size', async (side) => {
  const wrongDigest = await ingest(side, 'ref-wrong', 'hello', '--expected-digest', sha256('other'));
  expect(wrongDigest.code).toBe(1);
  expect(wrongDigest.stderr).toContain('unexpected commit digest');
  const wrongSize = await ingest(side, 'ref-size', 'hello', '--expected-size', '7');
  expect(wrongSize.code).toBe(1);
  return { wrongDigest, wrongSize };
});

scenario('content label sets and clears', async (side) => {
  const { ctr } = side;
  const digest = await manifestDigest(side);
  const set = await ctr.ok('content', 'label', digest, 'colour=red');
  expect(await ctr.ok('content', 'ls', '-q', 'labels.colour==red')).toBe(`${digest}\n`);
  const cleared = await ctr.ok('content', 'label', digest, 'colour=');
  expect(await ctr.ok('content', 'ls', '-q', 'labels.colour==red')).toBe('');
  return { set: labelsIn(set), cleared: labelsIn(cleared) };
});

scenario('content rm of an unknown digest fails', async ({ ctr }) => {
  const { code, stdout, stderr } = await ctr.try(['content', 'rm', sha256('nobody has this')]);
  return { code, stdout, stderr: stderr.replaceAll(/time="[^"]*"/g, '') };
});

scenario('content active shows what is being written, and nothing else', async ({ ctr, client }) => {
  const content = client.service('containerd.services.content.v1.Content');
  const active = async () => (await ctr.ok('content', 'active')).split('\n').map((row) => row.split('\t').slice(0, 2));
  const written = Promise.withResolvers<void>();
  const requests = async function* () {
    yield { action: 'WRITE', ref: 'half-way', data: Buffer.from('half'), total: 8 } as const;
    await written.promise;
  };
  expect(await active()).not.toContainEqual(['half-way', '4B']);
  const responses = content.Write(requests());
  expect((await responses.next()).value).toMatchObject({ offset: 4 });
  const [header] = await active();
  expect(await active()).toContainEqual(['half-way', '4B']);
  written.resolve();
  await responses.next();
  await content.Abort({ ref: 'half-way' });
  expect(await active()).not.toContainEqual(['half-way', '4B']);
  return header;
});
