import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { labelsIn } from '../helpers/ctr.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({
  image: { layers: [[{ name: 'etc/second', content: 'layer two\n' }]] },
  // Views that ctr makes have nobody to refer to them.
  daemon: { config: collectWhenAsked },
});

/** Key of the image's topmost committed snapshot. */
async function topSnapshot({ ctr }: Side): Promise<string> {
  const rows = (await ctr.ok('snapshots', 'ls')).trim().split('\n').slice(1);
  const columns = rows.map((row) => row.trim().split(/\s+/)).filter((row) => row.at(-1) === 'Committed');
  const top = columns.find((row) => row.length === 3);
  if (top?.[0] === undefined) throw new Error(`no snapshot with a parent in ${JSON.stringify(rows)}`);
  return top[0];
}

/** Numbers of snapshot folders depend on history, not on the request. */
const numberless = (text: string) => text.replaceAll(/snapshots\/\d+\//g, 'snapshots/N/');

/** A folder that `mounts` printed, as the real path on this machine. */
function folderIn(mounts: string, option: string): string {
  const match = new RegExp(`${option}=([^,:\\s]+)`).exec(mounts);
  if (match?.[1] === undefined) throw new Error(`no ${option} in ${mounts}`);
  return match[1];
}

scenario('snapshots ls and tree show the layers of the image', async ({ ctr }) => {
  const listed = await ctr.ok('snapshots', 'ls');
  expect(listed.match(/Committed/g)).toHaveLength(2);
  return { listed, tree: await ctr.ok('snapshots', 'tree') };
});

scenario('snapshots info of a layer', async (side) => {
  const info = await side.ctr.ok('snapshots', 'info', await topSnapshot(side));
  expect(JSON.parse(info)).toMatchObject({ Kind: 'Committed', Parent: expect.stringMatching(/^sha256:/) });
  return info;
});

scenario('prepare, mounts, commit, usage, rm', async (side) => {
  const { ctr } = side;
  const parent = await topSnapshot(side);
  await ctr.ok('snapshots', 'prepare', 'work', parent);
  const info = JSON.parse(await ctr.ok('snapshots', 'info', 'work')) as { Kind: string; Parent: string };
  expect(info).toMatchObject({ Kind: 'Active', Parent: parent });
  const mounts = await ctr.ok('snapshots', 'mounts', '/target', 'work');
  expect(mounts).toMatch(/^mount -t overlay overlay \/target -o /);
  const upper = folderIn(mounts, 'upperdir');
  expect(await readdir(upper)).toEqual([]);
  await writeFile(join(upper, 'added'), 'x'.repeat(8192));
  const activeUsage = await ctr.ok('snapshots', 'usage', 'work');
  await ctr.ok('snapshots', 'commit', 'done', 'work');
  const committed = await ctr.ok('snapshots', 'ls');
  expect(committed).toMatch(/done +sha256:\S+ +Committed/);
  const usage = await ctr.ok('snapshots', 'usage', 'done');
  await ctr.ok('snapshots', 'rm', 'done');
  return { mounts: numberless(mounts), activeUsage, usage, committed };
});

scenario('a snapshot without a parent is one folder', async ({ ctr }) => {
  await ctr.ok('snapshots', 'prepare', 'alone');
  const mounts = numberless(await ctr.ok('snapshots', 'mounts', '/target', 'alone'));
  await ctr.ok('snapshots', 'rm', 'alone');
  expect(mounts).toContain('rw,rbind');
  return mounts;
});

scenario('a view cannot be written or committed', async (side) => {
  const { ctr } = side;
  await ctr.ok('snapshots', 'view', 'look', await topSnapshot(side));
  const mounts = numberless(await ctr.ok('snapshots', 'mounts', '/target', 'look'));
  expect(mounts).not.toContain('upperdir');
  const listed = await ctr.ok('snapshots', 'ls');
  expect(listed).toMatch(/look +sha256:\S+ +View/);
  const error = await ctr.fails('snapshots', 'commit', 'never', 'look');
  await ctr.ok('snapshots', 'rm', 'look');
  return { mounts, listed, error };
});

scenario('a snapshot with children cannot be removed', async ({ ctr }) => {
  await ctr.ok('snapshots', 'prepare', 'base-work');
  await ctr.ok('snapshots', 'commit', 'base', 'base-work');
  await ctr.ok('snapshots', 'prepare', 'child', 'base');
  const tree = await ctr.ok('snapshots', 'tree');
  const error = await ctr.fails('snapshots', 'rm', 'base');
  expect(error).toContain('cannot remove snapshot with child: failed precondition');
  await ctr.ok('snapshots', 'rm', 'child');
  await ctr.ok('snapshots', 'rm', 'base');
  return { tree, error };
});

scenario('snapshots label sets and clears', async ({ ctr }) => {
  await ctr.ok('snapshots', 'prepare', 'labelled');
  const set = await ctr.ok('snapshots', 'label', 'labelled', 'colour=red');
  const info = JSON.parse(await ctr.ok('snapshots', 'info', 'labelled')) as { Labels: Record<string, string> };
  expect(info.Labels).toMatchObject({ colour: 'red' });
  await ctr.ok('snapshots', 'label', 'labelled', 'colour=');
  const after = JSON.parse(await ctr.ok('snapshots', 'info', 'labelled')) as { Labels: Record<string, string> };
  expect(after.Labels).not.toHaveProperty('colour');
  await ctr.ok('snapshots', 'rm', 'labelled');
  return labelsIn(set);
});

scenario('misuse is answered with the reason', async (side) => {
  const { ctr } = side;
  await ctr.ok('snapshots', 'prepare', 'taken');
  const errors = {
    sameKey: await ctr.fails('snapshots', 'prepare', 'taken'),
    noParent: await ctr.fails('snapshots', 'prepare', 'orphan', 'absent'),
    activeParent: await ctr.fails('snapshots', 'prepare', 'wrong', 'taken'),
    commitAbsent: await ctr.fails('snapshots', 'commit', 'never', 'absent'),
    commitCommitted: await ctr.fails('snapshots', 'commit', 'never', await topSnapshot(side)),
    commitTaken: await ctr.fails('snapshots', 'commit', await topSnapshot(side), 'taken'),
    removeAbsent: await ctr.fails('snapshots', 'rm', 'absent'),
    infoAbsent: await ctr.fails('snapshots', 'info', 'absent'),
    mountsCommitted: await ctr.fails('snapshots', 'mounts', '/target', await topSnapshot(side)),
    snapshotter: await ctr.fails('snapshots', '--snapshotter', 'absent', 'ls'),
  };
  await ctr.ok('snapshots', 'rm', 'taken');
  return errors;
});
