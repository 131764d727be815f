import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { ingestTable } from '../../daemon/metadata/schema.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import { audit } from '../helpers/gc-audit.ts';
import { GcWorld, snapshotterName } from '../helpers/gc-world.ts';
import { all } from '../helpers/metadata-fixture.ts';

const clean = { dangling: [], unreferenced: [] };
const dayMs = 24 * 3_600_000;

let world: GcWorld;
/** Called at each pause of a collection. */
let onPause: () => Promise<void>;
beforeEach(async () => {
  onPause = async () => undefined;
  world = await GcWorld.open({ pause: () => onPause(), sliceSize: 1 });
});
afterEach(() => world[Symbol.asyncDispose]());

/** Runs something once, at the n-th pause of the next collection, if there are as many. */
function atPause(n: number, action: () => Promise<unknown>): { readonly wasRun: boolean } {
  const race = { wasRun: false };
  let count = 0;
  onPause = async () => {
    count += 1;
    if (count !== n) return;
    race.wasRun = true;
    await action();
  };
  return race;
}

async function digests(namespace = 'default'): Promise<string[]> {
  return (await all(world.content.list(world.context(namespace), []))).map(({ digest }) => digest);
}

describe('a collection', () => {
  test('takes blobs that nothing names, their bytes included, and announces nothing of them', async () => {
    const ctx = world.context('default');
    const kept = await world.write(ctx, 'kept', { 'containerd.io/gc.root': 'x' });
    await world.write(ctx, 'lost');
    world.fixture.published.length = 0;
    await world.collect();
    expect(await digests()).toEqual([kept]);
    expect(await all(world.store.digests())).toEqual([kept]);
    expect(world.fixture.published).toEqual([]);
  });

  test('takes snapshots, children first, frees their directories, and announces each', async () => {
    const ctx = world.context('default');
    await world.unpack(ctx, 'base', '');
    await world.unpack(ctx, 'top', 'base');
    await world.snapshots.view(ctx, 'look', 'top');
    world.fixture.published.length = 0;
    await world.collect();
    expect(await all(world.backend.walk())).toEqual([]);
    expect(await audit(world)).toEqual(clean);
    expect(world.fixture.published.map(({ topic, event }) => ({ topic, event }))).toEqual(
      ['look', 'top', 'base'].map((key) => ({
        topic: '/snapshot/remove',
        event: { key, snapshotter: snapshotterName },
      })),
    );
  });

  test('takes expired images and leases with what they held, and announces the images', async () => {
    const { fixture } = world;
    await world.leases.create(world.context('default'), 'l', {
      'containerd.io/gc.expire': rfc3339FromTimestamp(fixture.tick(1_000)),
    });
    const digest = await world.write(world.context('default', 'l'), 'manifest');
    const expiry = { 'containerd.io/gc.expire': rfc3339FromTimestamp(fixture.now) };
    await world.createImage(world.context('default'), 'i', digest, expiry);
    await world.collect();
    expect(await digests()).toEqual([digest]);
    fixture.tick(1);
    fixture.published.length = 0;
    await world.collect();
    expect(await audit(world)).toEqual(clean);
    expect(await digests()).toEqual([]);
    expect(await all(world.leases.list(world.context('default'), []))).toEqual([]);
    expect(fixture.published).toMatchObject([{ namespace: 'default', topic: '/images/delete', event: { name: 'i' } }]);
  });

  test('leaves bytes that another namespace still has', async () => {
    const root = { 'containerd.io/gc.root': 'x' };
    const digest = await world.write(world.context('a'), 'shared', root);
    await world.write(world.context('b'), 'shared');
    await world.collect();
    expect([await digests('a'), await digests('b')]).toEqual([[digest], []]);
    expect(await all(world.store.digests())).toEqual([digest]);
  });

  test('of what an earlier process left on disk takes what has no record', async () => {
    await using orphan = await world.store.writer({ ref: 'nobody' });
    await orphan.write(Buffer.from('orphan'));
    await orphan.commit();
    await using left = await world.store.writer({ ref: 'left behind' });
    await left.write(Buffer.from('x'));
    await left.close();
    expect((await audit(world)).unreferenced.length).toBe(2);
    world.forget();
    await world.collect();
    expect(await audit(world)).toEqual(clean);
  });
});

describe('an ingest', () => {
  test('without a lease stays for a day, also across a restart, and can be resumed', async () => {
    const ctx = world.context('default');
    await using writer = await world.content.writer(ctx, { ref: 'r' });
    await writer.write(Buffer.from('half'));
    await writer.close();
    world.forget();
    world.fixture.tick(dayMs);
    await world.collect();
    expect((await world.content.status(ctx, 'r')).offset).toBe(4);
    world.fixture.tick(1);
    await world.collect();
    await expect(world.content.status(ctx, 'r')).rejects.toMatchObject({ kind: 'not-found' });
    expect(await audit(world)).toEqual(clean);
  });

  test('of a deleted lease stays as long as it is being written', async () => {
    await world.leases.create(world.context('default'), 'l', {});
    await using writer = await world.content.writer(world.context('default', 'l'), { ref: 'r' });
    await world.leases.delete(world.context('default'), 'l');
    await world.collect();
    await writer.write(Buffer.from('late'));
    await writer.close();
    await world.collect();
    expect(await all(world.fixture.database.list(ingestTable, []))).toEqual([]);
    expect(await audit(world)).toEqual(clean);
  });

  test('that only claims a shared blob keeps the bytes of it until it is committed', async () => {
    const digest = await world.write(world.context('a'), 'lent');
    await world.leases.create(world.context('b'), 'l', {});
    const ctx = world.context('b', 'l');
    await using writer = await world.content.writer(ctx, { ref: 'r', expected: digest });
    expect(writer.status().offset).toBe(4);
    await world.collect();
    expect(await digests('a')).toEqual([]);
    await writer.commit({ expected: digest });
    await world.collect();
    expect(await audit(world)).toEqual(clean);
    expect(await digests('b')).toEqual([digest]);
  });
});

/** A collection of this world pauses fewer times than this; each race is tried at every one of them. */
const pauses = Array.from({ length: 24 }, (_, index) => index + 1);

describe.each(pauses)('what happens at pause %d of a collection is not lost:', (pause) => {
  test('a lease taken on a tree that was garbage', async () => {
    const ctx = world.context('default');
    const layer = await world.write(ctx, 'layer');
    const manifest = await world.write(ctx, 'manifest', { 'containerd.io/gc.ref.content.0': layer });
    await world.leases.create(ctx, 'l', {});
    let wasThere = false;
    atPause(pause, async () => {
      wasThere = (await digests()).includes(manifest);
      await world.write(world.context('default', 'l'), 'manifest');
    });
    await world.collect();
    if (wasThere) expect((await digests()).sort()).toEqual([layer, manifest].sort());
    expect((await audit(world)).dangling).toEqual([]);
  });

  test('a label that refers to what was garbage', async () => {
    const ctx = world.context('default');
    const layer = await world.write(ctx, 'layer');
    const manifest = await world.write(ctx, 'manifest', { 'containerd.io/gc.root': 'x' });
    let wasThere = false;
    atPause(pause, async () => {
      wasThere = (await digests()).includes(layer);
      if (wasThere) await world.label(ctx, manifest, { 'containerd.io/gc.ref.content.0': layer });
    });
    await world.collect();
    expect((await digests()).includes(layer)).toBe(wasThere);
    expect((await audit(world)).dangling).toEqual([]);
  });

  test('a commit of bytes that are just being deleted', async () => {
    const ctx = world.context('default');
    await world.write(ctx, 'again');
    await world.leases.create(ctx, 'l', {});
    const race = atPause(pause, () => world.write(world.context('default', 'l'), 'again'));
    await world.collect();
    // Else the range does not reach to the end of a collection.
    if (pause === pauses.length) expect(race.wasRun).toBe(false);
    if (!race.wasRun) await world.write(world.context('default', 'l'), 'again');
    expect(await audit(world)).toEqual(clean);
    const reader = await world.content.open(ctx, sha256Of('again'));
    expect(Buffer.concat(await all(reader.chunks(0, 5))).toString()).toBe('again');
    await reader.close();
  });

  test('a snapshot on a parent that was garbage', async () => {
    const ctx = world.context('default');
    await world.unpack(ctx, 'base', '');
    await world.leases.create(ctx, 'l', {});
    let wasThere = false;
    atPause(pause, async () => {
      wasThere = await world.snapshots.prepare(world.context('default', 'l'), 'rw', 'base').then(
        () => true,
        () => false,
      );
    });
    await world.collect();
    expect(await audit(world)).toEqual(clean);
    expect((await all(world.backend.walk())).length).toBe(wasThere ? 2 : 0);
  });
});

test('a collection that is told to end does so at its next pause, and the next one does the rest', async () => {
  const ctx = world.context('default');
  for (const text of ['a', 'b', 'c', 'd']) await world.write(ctx, text);
  const ending = new AbortController();
  let left = 0;
  onPause = async () => {
    const count = (await digests()).length;
    if (count === 2) {
      left = count;
      ending.abort(new Error('the daemon ends'));
    }
  };
  await expect(world.collect(ending.signal)).rejects.toThrow('the daemon ends');
  expect([left, (await digests()).length]).toEqual([2, 2]);
  expect((await audit(world)).dangling).toEqual([]);
  onPause = async () => undefined;
  await world.collect();
  expect(await digests()).toEqual([]);
  expect(await audit(world)).toEqual(clean);
});
