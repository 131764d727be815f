import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import type { WriteContentRequest, WriteContentResponse } from '../../proto/gen/api/services/content/v1/content.ts';
import { digestOf, someContent } from '../../test/contract/content-suite.ts';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { NamespacedContent } from '../content/namespaced-content.ts';
import { ContentStore } from '../content/store.ts';
import type { Context } from '../context.ts';
import { blobTable } from '../metadata/schema.ts';
import { ContentService } from './content.ts';

let fixture: MetadataFixture;
let content: NamespacedContent;
let service: ContentService;
let ctx: Context;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  const { database, events, clock } = fixture;
  const backend = await ContentStore.open(join(fixture.directory, 'content'), { sys, clock });
  content = new NamespacedContent({ database, backend, events, clock }, { sharingPolicy: 'shared' });
  service = new ContentService({ content });
  ctx = fixture.context();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function request(
  action: WriteContentRequest['action'],
  change: Partial<WriteContentRequest> = {},
): WriteContentRequest {
  return { action, ref: '', total: 0, expected: '', offset: 0, data: Buffer.alloc(0), labels: {}, ...change };
}

async function* sequence<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const write = (...requests: WriteContentRequest[]) => all(service.write(ctx, sequence(requests)));

async function put(bytes: Buffer): Promise<string> {
  await write(request('COMMIT', { ref: 'put', data: bytes }));
  return digestOf(bytes);
}

const empty = digestOf(Buffer.alloc(0));

describe('write', () => {
  test('answers each request with where it stands', async () => {
    const { bytes, digest } = someContent(100);
    const stamp = fixture.now;
    const answers = await write(
      request('STAT', { ref: 'r', total: 100, expected: digest }),
      request('WRITE', { data: bytes.subarray(0, 40) }),
      request('WRITE', { offset: 40, data: bytes.subarray(40) }),
      request('STAT'),
      request('COMMIT', { offset: 100, total: 100, expected: digest, labels: { a: 'b' } }),
    );
    const plain = { total: 0, startedAt: null, updatedAt: null };
    expect(answers).toEqual([
      { action: 'STAT', offset: 0, total: 100, digest: empty, startedAt: stamp, updatedAt: stamp },
      { action: 'WRITE', offset: 40, digest: digestOf(bytes.subarray(0, 40)), ...plain },
      { action: 'WRITE', offset: 100, digest, ...plain },
      { action: 'STAT', offset: 100, total: 100, digest, startedAt: stamp, updatedAt: stamp },
      { action: 'COMMIT', offset: 100, digest, ...plain },
    ]);
    expect(await service.info(ctx, digest)).toMatchObject({ size: 100, labels: { a: 'b' } });
  });

  test('ends with the commit, whatever else is sent', async () => {
    const answers = await write(request('COMMIT', { ref: 'r', data: Buffer.from('x') }), request('STAT'));
    expect(answers.map(({ action }) => action)).toEqual(['COMMIT']);
  });

  test('needs a ref first, and only first', async () => {
    await expect(write(request('STAT'))).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: 'first message must have a reference',
    });
    expect(await write()).toEqual([]);
  });

  test.each([1, 39, 41])('at offset %d instead of 40 is out of range', async (offset) => {
    const steps = [
      request('WRITE', { ref: 'r', data: Buffer.alloc(40) }),
      request('WRITE', { offset, data: Buffer.alloc(1) }),
    ];
    await expect(write(...steps)).rejects.toMatchObject({
      kind: 'out-of-range',
      message: `write @${offset} must occur at current offset 40`,
    });
    expect(await service.status(ctx, 'r')).toMatchObject({ offset: 40 });
  });

  test('at offset 0 starts over', async () => {
    const answers = await write(
      request('WRITE', { ref: 'r', data: Buffer.from('long old text') }),
      request('WRITE', { data: Buffer.from('new') }),
      request('COMMIT', { offset: 3, total: 3 }),
    );
    expect(answers.map(({ offset }) => offset)).toEqual([13, 3, 3]);
    expect(answers.at(-1)?.digest).toBe(digestOf(Buffer.from('new')));
  });

  test('takes size and digest from the latest request that says them', async () => {
    const bytes = Buffer.from('text');
    const steps = (total: number, expected: string) => [
      request('WRITE', { ref: 'r', total: 1000, expected: someContent(1).digest, data: bytes }),
      request('COMMIT', { offset: 4, total, expected }),
    ];
    await expect(write(...steps(0, digestOf(bytes)))).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: '"r" failed size validation: 4 != 1000',
    });
    await expect(write(...steps(4, ''))).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: expect.stringMatching(/^unexpected commit digest sha256:\w+, expected sha256:\w+$/),
    });
    await write(...steps(4, digestOf(bytes)));
    expect(await service.info(ctx, digestOf(bytes))).toMatchObject({ size: 4 });
  });

  test('stops as soon as the expected blob is there, and drops the ingest', async () => {
    const { bytes, digest } = someContent(10);
    const other = Buffer.from('other');
    await put(bytes);
    await expect(write(request('STAT', { ref: 'r', expected: digest }))).rejects.toMatchObject({
      kind: 'already-exists',
      message: `content ${digest}`,
    });
    const late = [request('WRITE', { ref: 'r', data: other }), request('STAT', { expected: digest })];
    await expect(write(...late)).rejects.toMatchObject({
      kind: 'already-exists',
      message: `blob with expected digest ${digest} exists`,
    });
    expect(await service.statuses(ctx, [])).toEqual([]);
  });

  test.each(['STAT', 'WRITE', 'COMMIT'] as const)('refuses a malformed expected digest in %s', async (action) => {
    const bad = request(action, { ref: 'r', expected: 'sha256:xyz' });
    await expect(write(bad)).rejects.toMatchObject({ kind: 'invalid-argument' });
    await expect(write(request('STAT', { ref: 'r' }), bad)).rejects.toMatchObject({ kind: 'invalid-argument' });
  });

  test('holds the ref until it ends: with its requests, by a failure, or when nobody listens any more', async () => {
    const gate = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<WriteContentRequest> {
      yield request('WRITE', { ref: 'r', data: Buffer.from('half') });
      await gate.promise;
    }
    const first: AsyncGenerator<WriteContentResponse> = service.write(ctx, slow());
    await first.next();
    await expect(write(request('STAT', { ref: 'r' }))).rejects.toMatchObject({ kind: 'unavailable' });
    gate.resolve();
    expect(await first.next()).toEqual({ done: true, value: undefined });
    expect(await write(request('STAT', { ref: 'r' }))).toMatchObject([{ offset: 4 }]);

    async function* failing(): AsyncGenerator<WriteContentRequest> {
      yield request('STAT', { ref: 'r' });
      throw new Error('client vanished');
    }
    await expect(all(service.write(ctx, failing()))).rejects.toThrow('client vanished');
    const left = service.write(ctx, sequence([request('STAT', { ref: 'r' }), request('STAT')]));
    await left.next();
    await left.return(undefined);
    expect(await write(request('STAT', { ref: 'r' }))).toMatchObject([{ offset: 4 }]);
  });
});

describe('read', () => {
  const read = (digest: string, offset = 0, size = 0) => all(service.read(ctx, { digest, offset, size }));

  test('gives chunks of 1 MiB with offsets within the range', async () => {
    const { bytes } = someContent(2_500_000);
    const digest = await put(bytes);
    const chunks = await read(digest, 10);
    expect(chunks.map(({ offset, data }) => [offset, data.length])).toEqual([
      [0, 1_048_576],
      [1_048_576, 1_048_576],
      [2_097_152, 402_838],
    ]);
    expect(Buffer.concat(chunks.map(({ data }) => data)).equals(bytes.subarray(10))).toBe(true);
  });

  test('takes negative offsets and sizes for none, and an offset beyond the end for an error', async () => {
    const digest = await put(Buffer.from('12345'));
    expect(await read(digest, -3, -1)).toEqual([{ offset: 0, data: Buffer.from('12345') }]);
    expect(await read(digest, 5)).toEqual([]);
    await expect(read(digest, 6)).rejects.toMatchObject({
      kind: 'out-of-range',
      message: 'read past object length 5 bytes',
    });
  });
});

test('digests are checked before anything else', async () => {
  const refused = { kind: 'invalid-argument', message: expect.stringContaining('nope') };
  const info = { digest: 'nope', size: 0, labels: {}, createdAt: null, updatedAt: null };
  await expect(service.info(ctx, 'nope')).rejects.toMatchObject({ ...refused, message: '"nope" failed validation' });
  await expect(service.update(ctx, info, [])).rejects.toMatchObject({ message: '"nope" failed validation' });
  await expect(service.update(ctx, null, [])).rejects.toMatchObject({ kind: 'invalid-argument' });
  await expect(service.delete(ctx, 'nope')).rejects.toMatchObject(refused);
  await expect(all(service.read(ctx, { digest: 'nope', offset: 0, size: 0 }))).rejects.toMatchObject(refused);
});

test('a missing status names the ref', async () => {
  await expect(service.status(ctx, 'r')).rejects.toMatchObject({
    kind: 'not-found',
    message: 'could not get status for ref "r": reference r',
  });
});

test('lists come in messages of a hundred', async () => {
  await fixture.database.update((tx) => {
    for (let index = 0; index < 250; index++) {
      const digest = digestOf(Buffer.from(String(index)));
      tx.put(blobTable, ['default', digest], { digest, size: 1, labels: {}, createdAt: null, updatedAt: null });
    }
  });
  const messages = await all(service.list(ctx, []));
  expect(messages.map(({ info }) => info.length)).toEqual([100, 100, 50]);
  expect(await all(service.list(ctx, ['digest==none']))).toEqual([]);
});
