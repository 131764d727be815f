import { expect, test } from 'vitest';
import { file, steps } from './snapshotter-files.ts';
import { type OpenSnapshotter, rooted, SnapshotterFixture } from './snapshotter-fixture.ts';
import { committedStack } from './snapshotter-records.ts';
import { treeOf } from './snapshotter-tree.ts';

/** Where a parent cannot be given at commit, that is said, and changes nothing. */
export function noRebaseTests(open: OpenSnapshotter): void {
  test('a parent given at commit is refused', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['base']);
    await snapshotter.prepare('active', '', rooted);
    const attempt = snapshotter.commit('name', 'active', { ...rooted, parent: 'base' });
    await expect(attempt).rejects.toMatchObject({ kind: 'failed-precondition' });
    expect(await snapshotter.stat('active')).toMatchObject({ kind: 'active', parent: '' });
    await expect(snapshotter.stat('name')).rejects.toMatchObject({ kind: 'not-found' });
  });
}

/** Parents that are given at commit. */
export function snapshotRebaseTests(open: OpenSnapshotter): void {
  test('a snapshot prepared without a parent takes one at commit', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await committedStack(snapshotter, ['bottom', 'middle']);
    await snapshotter.prepare('floating', '', rooted);
    await snapshotter.commit('top', 'floating', { ...rooted, parent: 'middle' });
    expect(await snapshotter.stat('top')).toMatchObject({ parent: 'middle' });
    await expect(snapshotter.remove('middle')).rejects.toMatchObject({ kind: 'failed-precondition' });
    await snapshotter.remove('top');
    await snapshotter.remove('middle');
  });

  test('a parent that does not exist cannot be given, and nothing changes', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    await snapshotter.prepare('active', '', rooted);
    const attempt = snapshotter.commit('name', 'active', { ...rooted, parent: 'none' });
    await expect(attempt).rejects.toMatchObject({ kind: 'not-found' });
    expect(await snapshotter.stat('active')).toMatchObject({ kind: 'active', parent: '' });
    await expect(snapshotter.stat('name')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('layers written side by side and stacked at commit look as if written in order', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    const keys = ['bottom', 'middle', 'top'];
    await Promise.all(
      keys.map(async (name) => {
        const mounts = await snapshotter.prepare(`${name}-key`, '', rooted);
        await fixture.mounted(mounts, steps(file(name, name), file('shared', name)));
      }),
    );
    await snapshotter.commit('bottom', 'bottom-key', rooted);
    await snapshotter.commit('middle', 'middle-key', { ...rooted, parent: 'bottom' });
    await snapshotter.commit('top', 'top-key', { ...rooted, parent: 'middle' });
    await fixture.mounted(await snapshotter.view('view', 'top', rooted), async (root) => {
      const tree = await treeOf(root);
      expect(Object.keys(tree).sort()).toEqual(['', 'bottom', 'middle', 'shared', 'top']);
      expect(tree['shared']).toMatchObject({ content: 'top' });
    });
  });
}
