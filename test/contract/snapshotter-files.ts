import { chmod, chown, link, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Change, type OpenSnapshotter, rooted, SnapshotterFixture } from './snapshotter-fixture.ts';
import type { Abilities } from './snapshotter-suite.ts';
import { treeOf } from './snapshotter-tree.ts';

/** What is in the layers, seen through real mounts. */
export function snapshotFileTests(open: OpenSnapshotter, abilities: Pick<Abilities, 'layered'>): void {
  changeTests(open);
  mountTests(open);
  usageTests(open, abilities);
}

/** Each case is a stack of changes; seen through the snapshotter it has to look as in a plain directory. */
const stacks: Record<string, Change[]> = {
  'files added, changed and deleted': [
    steps(file('foo', 'foo\n'), directory('a'), directory('a/b'), directory('a/b/c')),
    steps(file('bar', 'bar\n'), file('foo', 'bar\n'), remove('a/b')),
  ],
  'one file updated, another only in its mode': [
    steps(directory('etc', 0o700), file('etc/hosts', '10.0.0.1'), file('etc/profile', 'PATH=/usr/bin')),
    steps(file('etc/hosts', '10.0.0.2'), file('etc/profile', 'PATH=/usr/bin', 0o666), directory('root', 0o700)),
  ],
  'a deleted file does not come back in a grandchild': [
    steps(file('foo', 'foo\n'), file('foobar', 'foobar\n')),
    steps(remove('foobar')),
    steps(),
  ],
  'a directory removed and made anew hides what was in it': [
    steps(directory('lib', 0o700), file('lib/hidden', '')),
    steps(remove('lib'), directory('lib', 0o700), file('lib/not-hidden', '')),
    steps(file('lib/newfile', '')),
  ],
  'overlapping directories merge': [
    steps(directory('d'), directory('d/x'), file('d/x/1', 'one')),
    steps(directory('d/y'), file('d/x/2', 'two'), file('d/y/3', 'three')),
    steps(remove('d/x/1'), file('d/y/4', 'four')),
  ],
  'owners changed all the way down': [
    steps(directory('opt', 0o700), directory('opt/a', 0o700), file('opt/a/file', 'hello')),
    steps(owner('opt'), owner('opt/a'), owner('opt/a/file')),
  ],
  'owners and modes of directories removed and made anew': [
    steps(directory('d1'), owner('d1'), directory('d2'), directory('d3'), file('d3/f', '...'), owner('d3/f')),
    steps(remove('d1'), owner('d2'), mode('d2', 0o1777), remove('d3')),
    steps(directory('d1', 0o711), directory('d3', 0o700), owner('d3')),
  ],
  'files moved and renamed over others': [
    steps(directory('some'), file('some/f1', 'was here first!'), file('some/f2', 'nothing interesting')),
    steps(file('some/new', 'new content'), moved('some/new', 'some/f1'), moved('some/f2', 'some/f3')),
  ],
  'hard links from a lower layer': [
    steps(directory('dir1'), file('dir1/f1', 'Hello'), directory('dir2'), file('dir2/f2', '...')),
    steps(
      directory('dir3'),
      file('dir3/f1', 'Hello'),
      remove('dir1'),
      hardLink('dir2/f2', 'dir3/f2'),
      remove('dir2/f2'),
    ),
  ],
  'hard links within a layer': [
    steps(file('one', 'same'), hardLink('one', 'two'), directory('d'), hardLink('one', 'd/three')),
    steps(remove('two')),
  ],
  'a directory replaced by a file, and by a symbolic link': [
    steps(directory('a'), file('a/f', 'x'), directory('b'), file('b/f', 'y')),
    steps(remove('a'), file('a', 'now a file'), remove('b'), symbolicLink('a', 'b')),
    steps(remove('a'), directory('a'), file('a/g', 'z')),
  ],
};

function changeTests(open: OpenSnapshotter): void {
  test.for(Object.entries(stacks))('%s', async ([, changes]) => {
    await using fixture = await SnapshotterFixture.open(open);
    await fixture.expectLikeDirectory('t', changes);
  });

  test('128 layers can be mounted at once', { timeout: 120_000 }, async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const expected = join(fixture.directory, 'expected');
    await mkdir(expected, { mode: 0o755 });
    let parent = '';
    for (let layer = 0; layer < 128; layer += 1) {
      const change = steps(
        file('overwritten', `${layer} was here`),
        directory('added'),
        file(`added/${layer}`, 'same'),
        remove('only'),
        directory('only'),
        file(`only/${layer}`, 'only me'),
      );
      await change(expected);
      await fixture.layer(`layer-${layer}`, parent, change);
      parent = `layer-${layer}`;
    }
    const view = await fixture.snapshotter.view('full', parent, rooted);
    await fixture.mounted(view, async (root) => expect(await treeOf(root)).toEqual(await treeOf(expected)));
  });
}

function mountTests(open: OpenSnapshotter): void {
  test('a view cannot be written to, whatever the number of layers below', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    await fixture.layer('one', '', file('f', '1'));
    await fixture.layer('two', 'one', file('f', '2'));
    for (const parent of ['', 'one', 'two']) {
      const view = await fixture.snapshotter.view(`view-${parent}`, parent, rooted);
      await fixture.mounted(view, async (root) => {
        await expect(writeFile(join(root, 'g'), 'x')).rejects.toMatchObject({ code: 'EROFS' });
      });
    }
  });

  test('the root of a snapshot is open to all readers', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const mounts = await fixture.snapshotter.prepare('key', '', rooted);
    await fixture.mounted(mounts, async (root) => expect((await stat(root)).mode & 0o7777).toBe(0o755));
  });

  test('the root of a snapshot belongs to whom the layer below says', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    await fixture.layer('base', '', (root) => chown(root, 1234, 4321));
    const mounts = await fixture.snapshotter.prepare('key', 'base', rooted);
    await fixture.mounted(mounts, async (root) => {
      expect(await stat(root)).toMatchObject({ uid: 1234, gid: 4321 });
    });
  });
}

function usageTests(open: OpenSnapshotter, { layered }: Pick<Abilities, 'layered'>): void {
  test('usage counts what the snapshot holds, hard links once', async () => {
    await using fixture = await SnapshotterFixture.open(open);
    const { snapshotter } = fixture;
    const large = 'x'.repeat(1 << 20);
    await fixture.layer('base', '', steps(file('large', large), hardLink('large', 'again')));
    const base = await snapshotter.usage('base');
    expect(base.inodes).toBe(2);
    expect(base.sizeBytes).toBeGreaterThanOrEqual(large.length);
    expect(base.sizeBytes).toBeLessThan(1.5 * large.length);
    const inherited = layered ? { sizeBytes: 0, inodes: 1 } : base;
    const mounts = await snapshotter.prepare('key', 'base', rooted);
    expect((await snapshotter.usage('key')).inodes).toBe(inherited.inodes);
    await fixture.mounted(mounts, steps(file('small', 'small')));
    const active = await snapshotter.usage('key');
    expect(active.inodes).toBe(inherited.inodes + 1);
    expect(active.sizeBytes).toBeGreaterThanOrEqual(inherited.sizeBytes);
    expect(active.sizeBytes).toBeLessThan(inherited.sizeBytes + large.length);
    await snapshotter.commit('top', 'key', rooted);
    expect(await snapshotter.usage('top')).toEqual(active);
    await expect(snapshotter.usage('none')).rejects.toMatchObject({ kind: 'not-found' });
  });
}

export function steps(...changes: Change[]): Change {
  return async (root) => {
    for (const change of changes) await change(root);
  };
}

export function file(path: string, content: string, permissions = 0o644): Change {
  return async (root) => {
    await writeFile(join(root, path), content);
    await chmod(join(root, path), permissions);
  };
}

function directory(path: string, permissions = 0o755): Change {
  return async (root) => {
    await mkdir(join(root, path), { recursive: true });
    await chmod(join(root, path), permissions);
  };
}

function remove(path: string): Change {
  return (root) => rm(join(root, path), { recursive: true, force: true });
}

function owner(path: string): Change {
  return (root) => chown(join(root, path), 1, 2);
}

function mode(path: string, permissions: number): Change {
  return (root) => chmod(join(root, path), permissions);
}

function moved(from: string, to: string): Change {
  return (root) => rename(join(root, from), join(root, to));
}

function hardLink(existing: string, added: string): Change {
  return (root) => link(join(root, existing), join(root, added));
}

function symbolicLink(target: string, path: string): Change {
  return (root) => symlink(target, join(root, path));
}
