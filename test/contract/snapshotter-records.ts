import { expect, test } from 'vitest';
import type { SnapshotInfo, Snapshotter } from '../../snapshotter/snapshotter.ts';
import { type OpenSnapshotter, rooted, SnapshotterFixture } from './snapshotter-fixture.ts';
import type { Abilities } from './snapshotter-suite.ts';

const absent = { kind: 'not-found' };
const taken = { kind: 'already-exists' };
const refused = { kind: 'failed-precondition' };
const invalid = { kind: 'invalid-argument' };

/** Keys, kinds, parents, labels and times. */
export function snapshotRecordTests(
  open: OpenSnapshotter,
  { viewRefusal = 'failed-precondition' }: Pick<Abilities, 'viewRefusal'>,
): void {
  stackingTests(open);
  refusalTests(open, viewRefusal);
  updateTests(open);
  walkTests(open);
}

function stackingTests(open: OpenSnapshotter): void {
  test('a snapshot goes from active to committed and loses its key', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await snapshotter.prepare('key', '', rooted);
    expect(await snapshotter.stat('key')).toMatchObject({ name: 'key', kind: 'active', parent: '' });
    await snapshotter.commit('base', 'key', rooted);
    await expect(snapshotter.stat('key')).rejects.toMatchObject(absent);
    expect(await snapshotter.stat('base')).toMatchObject({ name: 'base', kind: 'committed', parent: '' });
    await snapshotter.prepare('key', 'base', rooted);
    expect(await snapshotter.stat('key')).toMatchObject({ kind: 'active', parent: 'base' });
    await snapshotter.view('look', 'base', rooted);
    expect(await snapshotter.stat('look')).toMatchObject({ kind: 'view', parent: 'base' });
  });

  test('mounts answers what prepare and view answered', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['one', 'two']);
    for (const parent of ['', 'one', 'two']) {
      expect(await snapshotter.prepare(`p-${parent}`, parent, rooted)).toEqual(await snapshotter.mounts(`p-${parent}`));
      expect(await snapshotter.view(`v-${parent}`, parent, rooted)).toEqual(await snapshotter.mounts(`v-${parent}`));
    }
    await expect(snapshotter.mounts('two')).rejects.toMatchObject(refused);
    await expect(snapshotter.mounts('none')).rejects.toMatchObject(absent);
  });

  test('a removed key or name can be used again', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['base']);
    await snapshotter.prepare('reused', 'base', rooted);
    await snapshotter.remove('reused');
    await snapshotter.view('reused', 'base', rooted);
    await snapshotter.remove('reused');
    await snapshotter.prepare('reused', '', rooted);
    await snapshotter.remove('base');
    await snapshotter.commit('base', 'reused', rooted);
    expect(await snapshotter.stat('base')).toMatchObject({ kind: 'committed' });
  });

  test('closing twice is closing once', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    await committedStack(fixture.snapshotter, ['base']);
    await fixture.snapshotter.remove('base');
    await fixture.snapshotter.close();
    await fixture.snapshotter.close();
  });
}

function refusalTests(open: OpenSnapshotter, viewRefusal: string): void {
  test('a key or name in use is refused', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['base']);
    await snapshotter.prepare('active', 'base', rooted);
    await snapshotter.view('view', 'base', rooted);
    for (const key of ['active', 'view', 'base']) {
      await expect(snapshotter.prepare(key, 'base', rooted)).rejects.toMatchObject(taken);
      await expect(snapshotter.view(key, 'base', rooted)).rejects.toMatchObject(taken);
      await expect(snapshotter.commit(key, 'active', rooted)).rejects.toMatchObject(taken);
    }
  });

  test('of many calls for one key at once exactly one wins', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    const calls = Array.from({ length: 8 }, () => snapshotter.prepare('same', '', rooted));
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(taken);
    }
    expect(await namesOf(snapshotter)).toEqual(['same']);
  });

  test('a parent has to exist and to be committed', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await expect(snapshotter.prepare('key', 'none', rooted)).rejects.toMatchObject(absent);
    await expect(snapshotter.view('key', 'none', rooted)).rejects.toMatchObject(absent);
    await snapshotter.prepare('active', '', rooted);
    await expect(snapshotter.prepare('key', 'active', rooted)).rejects.toMatchObject(invalid);
    expect(await namesOf(snapshotter)).toEqual(['active']);
  });

  test('only an active snapshot can be committed', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['base']);
    await snapshotter.view('view', 'base', rooted);
    await expect(snapshotter.commit('name', 'view', rooted)).rejects.toMatchObject({ kind: viewRefusal });
    await expect(snapshotter.commit('name', 'base', rooted)).rejects.toMatchObject(refused);
    await expect(snapshotter.commit('name', 'none', rooted)).rejects.toMatchObject(absent);
    await expect(snapshotter.stat('name')).rejects.toMatchObject(absent);
  });

  test('a snapshot with children stays until they are gone', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['bottom', 'middle']);
    await snapshotter.prepare('top', 'middle', rooted);
    for (const name of ['bottom', 'middle']) await expect(snapshotter.remove(name)).rejects.toMatchObject(refused);
    for (const name of ['top', 'middle', 'bottom']) await snapshotter.remove(name);
    await expect(snapshotter.remove('bottom')).rejects.toMatchObject(absent);
    expect(await namesOf(snapshotter)).toEqual([]);
  });
}

function updateTests(open: OpenSnapshotter): void {
  test('update changes labels and the update time, and nothing else', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['c1', 'c2']);
    await snapshotter.prepare('a1', 'c2', rooted);
    await snapshotter.view('v1', 'c2', rooted);
    for (const name of ['c1', 'c2', 'a1', 'v1']) {
      const before = await snapshotter.stat(name);
      expect(before.updatedAtNs).toBe(before.createdAtNs);
      const labels = { l1: 'v1', l2: 'v2', l3: 'v3', ...rooted.labels };
      const all = await snapshotter.update({ name, labels });
      expect(all).toEqual({ ...before, labels, updatedAtNs: all.updatedAtNs });
      expect(all.updatedAtNs).toBeGreaterThan(before.updatedAtNs);
      const some = await snapshotter.update({ name, labels: { l1: 'new', l4: 'v4' } }, ['labels.l1', 'labels.l2']);
      expect(some.labels).toEqual({ l1: 'new', l3: 'v3', ...rooted.labels });
      const replaced = await snapshotter.update({ name, labels: { l4: 'v4', ...rooted.labels } }, ['labels']);
      expect(replaced.labels).toEqual({ l4: 'v4', ...rooted.labels });
      expect(await snapshotter.stat(name)).toEqual(replaced);
      await expect(snapshotter.update({ name, labels: {} }, ['parent'])).rejects.toMatchObject(invalid);
    }
    await expect(snapshotter.update({ name: 'none', labels: {} })).rejects.toMatchObject(absent);
  });

  test('a commit brings its own labels', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await snapshotter.prepare('key', '', { labels: { of: 'prepare', ...rooted.labels } });
    await snapshotter.commit('name', 'key', { labels: { at: 'commit', ...rooted.labels } });
    expect((await snapshotter.stat('name')).labels).toEqual({ at: 'commit', ...rooted.labels });
  });
}

function walkTests(open: OpenSnapshotter): void {
  const label = (value: string) => ({ labels: { l: value, ...rooted.labels } });

  const setUp = async (snapshotter: Snapshotter) => {
    await snapshotter.prepare('a-np', '', rooted);
    await committedStack(snapshotter, ['p']);
    await snapshotter.prepare('a', 'p', rooted);
    await snapshotter.view('v', 'p', rooted);
    await snapshotter.prepare('p-wl-tmp', '', rooted);
    await snapshotter.commit('p-wl', 'p-wl-tmp', label('1'));
    await snapshotter.prepare('a-wl', 'p-wl', label('2'));
    await snapshotter.view('v-wl', 'p-wl', label('3'));
    await snapshotter.prepare('a-np-wl', '', label('2'));
  };

  test('walk finds what its filters say', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await setUp(snapshotter);
    const expected: [filters: string[], names: string[]][] = [
      [[], ['a', 'a-np', 'a-np-wl', 'a-wl', 'p', 'p-wl', 'v', 'v-wl']],
      [['kind==active'], ['a', 'a-np', 'a-np-wl', 'a-wl']],
      [['kind==view'], ['v', 'v-wl']],
      [['kind==committed'], ['p', 'p-wl']],
      [
        ['name==p', 'name==a-np-wl'],
        ['a-np-wl', 'p'],
      ],
      [['name==a-wl,labels.l'], ['a-wl']],
      [['parent==p'], ['a', 'v']],
      [['parent!=""'], ['a', 'a-wl', 'v', 'v-wl']],
      [['labels.l'], ['a-np-wl', 'a-wl', 'p-wl', 'v-wl']],
      [['labels.l==2'], ['a-np-wl', 'a-wl']],
      [['labels."containerd.io/gc.root"~=2026,kind==view'], ['v', 'v-wl']],
    ];
    for (const [filters, names] of expected) {
      expect(await namesOf(snapshotter, filters), filters.join(' ')).toEqual(names);
    }
    await expect(namesOf(snapshotter, ['=='])).rejects.toThrow('parse error');
  });

  test('snapshots can be looked at and removed during a walk', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await setUp(snapshotter);
    for await (const info of snapshotter.walk()) {
      expect(await snapshotter.stat(info.name)).toEqual(info);
      if (info.kind === 'active') await snapshotter.remove(info.name);
    }
    expect(await namesOf(snapshotter)).toEqual(['p', 'p-wl', 'v', 'v-wl']);
  });
}

/** Committed snapshots, each on the one before. */
export async function committedStack(snapshotter: Snapshotter, names: readonly string[]): Promise<void> {
  let parent = '';
  for (const name of names) {
    await snapshotter.prepare(`${name}-tmp`, parent, rooted);
    await snapshotter.commit(name, `${name}-tmp`, rooted);
    parent = name;
  }
}

async function namesOf(snapshotter: Snapshotter, filters: readonly string[] = []): Promise<string[]> {
  const infos: SnapshotInfo[] = [];
  for await (const info of snapshotter.walk(filters)) infos.push(info);
  return infos.map(({ name }) => name).sort();
}
