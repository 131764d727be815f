import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import { someContent } from '../../test/contract/content-suite.ts';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import type { Context } from '../context.ts';
import { ingestTable, leaseResourceTable, leaseTable, namespaceTable } from '../metadata/schema.ts';
import type { CommitOptions } from './content.ts';
import { NamespacedContent, type SharingPolicy } from './namespaced-content.ts';
import { ContentStore } from './store.ts';

let fixture: MetadataFixture;
let backend: ContentStore;
let content: NamespacedContent;
let ctx: Context;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  backend = await ContentStore.open(join(fixture.directory, 'content'), { sys, clock: fixture.clock });
  content = withPolicy('shared');
  ctx = fixture.context();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function withPolicy(sharingPolicy: SharingPolicy): NamespacedContent {
  const { database, events, clock } = fixture;
  return new NamespacedContent({ database, backend, events, clock }, { sharingPolicy });
}

async function put(into: Context, options: CommitOptions = {}, ref = 'r') {
  const { bytes, digest } = someContent(100);
  await using writer = await content.writer(into, { ref });
  await writer.write(bytes);
  await writer.commit(options);
  return { bytes, digest };
}

function addLease(id: string): Promise<void> {
  return fixture.database.update((tx) => tx.put(leaseTable, ['default', id], { id, createdAt: null, labels: {} }));
}

/** What a lease holds, as `type id`. */
async function resources(lease: string): Promise<string[]> {
  const records = await all(fixture.database.list(leaseResourceTable, ['default', lease]));
  return records.map(({ key }) => key.slice(2).join(' '));
}

describe('blobs', () => {
  test('have the labels of their commit and the times of the server', async () => {
    const { digest } = await put(ctx, { labels: { a: 'b', none: '' } });
    expect(await content.info(ctx, digest)).toEqual({
      digest,
      size: 100,
      createdAt: fixture.now,
      updatedAt: fixture.now,
      labels: { a: 'b' },
    });
    expect(await all(fixture.database.list(namespaceTable, []))).toMatchObject([{ key: ['default'] }]);
  });

  test.each<[string[], Record<string, string>]>([
    [[], { a: '9', c: '3' }],
    [['labels'], { a: '9', c: '3' }],
    [['labels.a', 'labels.b'], { a: '9' }],
    [['labels.io.x/y'], { a: '1', b: '2' }],
  ])('are updated through the mask %j', async (paths, labels) => {
    const { digest } = await put(ctx, { labels: { a: '1', b: '2' } });
    const createdAt = fixture.now;
    const updatedAt = fixture.tick();
    const change = { digest, size: 5, labels: { a: '9', c: '3' }, createdAt: null, updatedAt: null };
    const updated = await content.update(ctx, change, paths);
    expect(updated).toEqual({ digest, size: 100, labels, createdAt, updatedAt });
    expect(await content.info(ctx, digest)).toEqual(updated);
  });

  test('are not updated otherwise', async () => {
    const { digest } = await put(ctx);
    const change = { digest, size: 0, labels: { k: 'v'.repeat(4096) }, createdAt: null, updatedAt: null };
    await expect(content.update(ctx, change, ['size'])).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: `cannot update "size" field on content info "${digest}"`,
    });
    await expect(content.update(ctx, change, [])).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: expect.stringContaining('info.Labels: label key and value length'),
    });
    const missing = someContent(1).digest;
    await expect(content.update(ctx, { ...change, digest: missing }, [])).rejects.toMatchObject({
      kind: 'not-found',
      message: `content digest ${missing}`,
    });
  });

  test('are listed by digest and labels', async () => {
    const first = await put(ctx, { labels: { 'x.y': '1' } });
    const second = await put(ctx);
    const found = async (...filters: string[]) =>
      (await all(content.list(ctx, filters))).map(({ digest }) => digest).sort();
    expect(await found()).toEqual([first.digest, second.digest].sort());
    expect(await found(`digest==${first.digest}`)).toEqual([first.digest]);
    expect(await found('labels.x.y==1')).toEqual([first.digest]);
    expect(await found('size==100')).toEqual([]);
    expect(() => content.list(ctx, ['=='])).toThrow('filters: parse error');
  });

  test('come and go with an event each', async () => {
    const { digest } = await put(fixture.context('ns'));
    await content.delete(fixture.context('ns'), digest);
    expect(fixture.published).toEqual([
      {
        namespace: 'ns',
        topic: '/content/create',
        type: 'containerd.events.ContentCreate',
        event: { digest, size: 100 },
      },
      { namespace: 'ns', topic: '/content/delete', type: 'containerd.events.ContentDelete', event: { digest } },
    ]);
  });

  test('with labels that are too large are not committed', async () => {
    const refused = put(ctx, { labels: { k: 'v'.repeat(4096) } });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid-argument' });
    await using again = await content.writer(ctx, { ref: 'r' });
    expect(again.status().offset).toBe(100);
  });
});

describe('leases', () => {
  beforeEach(() => addLease('l'));

  test('hold an ingest, then its blob, until it is deleted', async () => {
    const leased = fixture.context('default', 'l');
    const { bytes, digest } = someContent(100);
    await using writer = await content.writer(leased, { ref: 'r' });
    await writer.write(bytes);
    expect(await resources('l')).toEqual(['ingests r']);
    await writer.commit();
    expect(await resources('l')).toEqual([`content ${digest}`]);
    await content.delete(leased, digest);
    expect(await resources('l')).toEqual([]);
  });

  test('take over a blob that is there already', async () => {
    const { bytes, digest } = await put(ctx);
    const leased = fixture.context('default', 'l');
    await expect(content.writer(leased, { ref: 'r', expected: digest })).rejects.toMatchObject({
      kind: 'already-exists',
      message: `content ${digest}`,
    });
    expect(await resources('l')).toEqual([`content ${digest}`]);
    await addLease('m');
    await using writer = await content.writer(fixture.context('default', 'm'), { ref: 'r' });
    await writer.write(bytes);
    await expect(writer.commit()).rejects.toMatchObject({ kind: 'already-exists' });
    expect(await resources('m')).toEqual([`content ${digest}`]);
  });

  test('let go of an aborted ingest', async () => {
    const leased = fixture.context('default', 'l');
    await (await content.writer(leased, { ref: 'r' })).close();
    await content.abort(leased, 'r');
    expect(await resources('l')).toEqual([]);
  });

  test('have to exist', async () => {
    const lost = fixture.context('default', 'nope');
    const refused = { kind: 'not-found', message: 'lease does not exist' };
    await expect(content.writer(lost, { ref: 'r' })).rejects.toMatchObject(refused);
    expect(await content.statuses(ctx, [])).toEqual([]);
    const leased = fixture.context('default', 'l');
    await using writer = await content.writer(leased, { ref: 'r' });
    await writer.write(Buffer.from('x'));
    await fixture.database.update((tx) => tx.delete(leaseTable, ['default', 'l']));
    await expect(writer.commit()).rejects.toMatchObject(refused);
    expect(await all(content.list(ctx, []))).toEqual([]);
    expect(fixture.published).toEqual([]);
  });

  test('stand in for the expiry of an ingest', async () => {
    await (await content.writer(ctx, { ref: 'free' })).close();
    await (await content.writer(fixture.context('default', 'l'), { ref: 'leased' })).close();
    const records = await all(fixture.database.list(ingestTable, []));
    expect(records.map(({ key, value }) => [key[1], value.expiresAtMs])).toEqual([
      ['free', Number(fixture.clock.now() / 1_000_000n) + 86_400_000],
      ['leased', undefined],
    ]);
  });
});

describe('ingests', () => {
  test('are named as the caller named them, and filtered so', async () => {
    for (const ref of ['a', 'b']) await (await content.writer(ctx, { ref })).close();
    expect(await content.status(ctx, 'a')).toMatchObject({ ref: 'a' });
    expect((await content.statuses(ctx, ['ref==b'])).map(({ ref }) => ref)).toEqual(['b']);
    expect((await content.statuses(ctx, ['ref~=^[ab]$'])).length).toBe(2);
    expect((await all(backend.statuses())).map(({ ref }) => ref).sort()).toEqual(['default/1/a', 'default/2/b']);
  });

  test('are gone from disk once aborted', async () => {
    await (await content.writer(ctx, { ref: 'a' })).close();
    await content.abort(ctx, 'a');
    expect(await all(backend.statuses())).toEqual([]);
    await expect(content.abort(ctx, 'a')).rejects.toMatchObject({ kind: 'not-found', message: 'reference a' });
    await expect(content.status(ctx, 'a')).rejects.toMatchObject({ kind: 'not-found', message: 'reference a' });
  });

  test('begun after an abort are not touched by the commit of the aborted one', async () => {
    const { digest } = await put(ctx);
    const other = fixture.context('other');
    await using claim = await content.writer(other, { ref: 'r', expected: digest });
    await content.abort(other, 'r');
    await using fresh = await content.writer(other, { ref: 'r' });
    await fresh.write(Buffer.from('x'));
    await claim.commit();
    expect(await content.status(other, 'r')).toMatchObject({ offset: 1 });
  });

  test('that only claim a shared blob can be aborted too', async () => {
    const { digest } = await put(ctx);
    const other = fixture.context('other');
    await (await content.writer(other, { ref: 'r', expected: digest })).close();
    expect(await content.statuses(other, [])).toEqual([]);
    await content.abort(other, 'r');
    await expect(content.abort(other, 'r')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('the isolated policy', () => {
  test('wants the bytes of a blob that another namespace has', async () => {
    content = withPolicy('isolated');
    const { bytes, digest } = await put(ctx);
    await using writer = await content.writer(fixture.context('other'), { ref: 'r', expected: digest });
    expect(writer.status().offset).toBe(0);
    await writer.write(bytes);
    await writer.commit({ expected: digest });
    expect(await content.info(fixture.context('other'), digest)).toMatchObject({ size: 100 });
  });

  test('makes an exception for what a shareable namespace has', async () => {
    content = withPolicy('isolated');
    await fixture.database.update((tx) => {
      tx.put(namespaceTable, ['lender'], { labels: { 'containerd.io/namespace.shareable': 'true' } });
      tx.put(namespaceTable, ['miser'], { labels: { 'containerd.io/namespace.shareable': 'yes' } });
    });
    const lent = await put(fixture.context('lender'));
    const kept = await put(fixture.context('miser'));
    await using has = await content.writer(ctx, { ref: 'a', expected: lent.digest });
    await using wants = await content.writer(ctx, { ref: 'b', expected: kept.digest });
    expect([has.status().offset, wants.status().offset]).toEqual([100, 0]);
  });
});
