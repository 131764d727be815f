import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { labelsIn } from '../helpers/ctr.ts';
import { image, type Side } from '../helpers/side.ts';
import { readTar } from '../helpers/tar.ts';

const { scenario } = bothDaemons({
  image: {
    layers: [
      [
        { name: 'etc/motd', content: 'from the second layer\n' },
        { name: 'tmp/.wh..wh..opq', content: '' },
        { name: 'etc/.wh.group', content: '' },
      ],
    ],
  },
});

/** Imports a one-layer image under another name, so that a scenario has one of its own. */
async function importAs({ ctr, daemon }: Side, name: string): Promise<string> {
  const path = join(daemon.folder, 'own.tar');
  await writeArchive(path, await busyboxImage({ name, layers: [[{ name: 'etc/name', content: name }]] }));
  return ctr.ok('images', 'import', path);
}

scenario('images ls shows the imported image', async ({ ctr }) => {
  const table = await ctr.ok('images', 'ls');
  expect(table).toMatch(
    new RegExp(`${image} application/vnd.oci.image.manifest.v1\\+json sha256:[0-9a-f]{64} 1\\.\\d MiB`),
  );
  return table;
});

scenario('images ls filters by name and label', async ({ ctr }) => {
  expect(await ctr.ok('images', 'ls', '-q', `name==${image}`)).toBe(`${image}\n`);
  expect(await ctr.ok('images', 'ls', '-q', 'name~=/busy/')).toBe(`${image}\n`);
  expect(await ctr.ok('images', 'ls', '-q', 'labels.nobody==has')).toBe('');
  expect(await ctr.fails('images', 'ls', '==x')).toMatch(/expected field or quoted.*: invalid argument/);
});

scenario('images check finds all content and the snapshot', async ({ ctr }) => {
  const table = await ctr.ok('images', 'check');
  expect(table).toMatch(/complete \(3\/3\)\s+1\.\d MiB\/1\.\d MiB\s+true/);
  return table;
});

scenario('images import tells what it unpacked', async (side) => {
  const name = 'docker.io/library/own:1';
  const printed = await importAs(side, name);
  expect(printed).toContain(`unpacking ${name}`);
  expect(await side.ctr.ok('images', 'ls', '-q')).toContain(name);
  const removed = await side.ctr.ok('images', 'rm', '--sync', name);
  return { printed, removed };
});

scenario('a second import of the same archive changes nothing', async (side) => {
  const name = 'docker.io/library/twice:1';
  await importAs(side, name);
  const before = await side.ctr.ok('images', 'ls');
  await importAs(side, name);
  expect(await side.ctr.ok('images', 'ls')).toBe(before);
  await side.ctr.ok('images', 'rm', '--sync', name);
});

scenario('images import without unpacking leaves no snapshot', async ({ ctr, daemon }) => {
  const path = join(daemon.folder, 'packed.tar');
  const name = 'docker.io/library/packed:1';
  await writeArchive(path, await busyboxImage({ name, layers: [[{ name: 'etc/packed', content: '' }]] }));
  await ctr.ok('images', 'import', '--no-unpack', path);
  const row = await ctr.ok('images', 'check', `name==${name}`);
  expect(row).toMatch(/complete \(3\/3\).*false/);
  await ctr.ok('images', 'rm', '--sync', name);
  return row;
});

scenario('images tag makes a second name and refuses to overwrite', async ({ ctr }) => {
  await ctr.ok('images', 'tag', image, 'example.com/tagged:1');
  const rows = (await ctr.ok('images', 'ls')).split('\n').filter((line) => /busybox|tagged/.test(line));
  expect(new Set(rows.map((row) => row.split(/\s+/)[2])).size).toBe(1);
  const error = await ctr.fails('images', 'tag', image, 'example.com/tagged:1');
  expect(error).toContain('already exists');
  await ctr.ok('images', 'tag', '--force', image, 'example.com/tagged:1');
  await ctr.ok('images', 'rm', 'example.com/tagged:1');
  return { rows, error };
});

scenario('images label sets, replaces and clears', async ({ ctr }) => {
  await ctr.ok('images', 'tag', image, 'example.com/labelled:1');
  const set = await ctr.ok('images', 'label', 'example.com/labelled:1', 'colour=red', 'size=big');
  expect(set).toContain('colour=red');
  const cleared = await ctr.ok('images', 'label', 'example.com/labelled:1', 'colour=');
  expect(await ctr.ok('images', 'ls', '-q', 'labels.size==big')).toBe('example.com/labelled:1\n');
  const replaced = await ctr.ok('images', 'label', '--replace-all', 'example.com/labelled:1', 'only=this');
  const row = await ctr.ok('images', 'ls', 'name==example.com/labelled:1');
  expect(row).toMatch(/only=this\s*$/);
  await ctr.ok('images', 'rm', 'example.com/labelled:1');
  return { set: labelsIn(set), cleared, replaced, row };
});

scenario('images export writes an archive with every blob, which can be imported again', async ({ ctr, daemon }) => {
  const path = join(daemon.folder, 'export.tar');
  await ctr.ok('images', 'export', path, image);
  const members = await readTar(await readFile(path));
  const names = [...members.keys()].sort();
  expect(names).toEqual(expect.arrayContaining(['index.json', 'manifest.json', 'oci-layout']));
  await ctr.in('exported').ok('images', 'import', path);
  const [here, there] = [await ctr.ok('images', 'ls', `name==${image}`), await ctr.in('exported').ok('images', 'ls')];
  expect(there.split('\n')[1]?.split(/\s+/).slice(0, 3)).toEqual(here.split('\n')[1]?.split(/\s+/).slice(0, 3));
  await ctr.in('exported').ok('images', 'rm', '--sync', image);
  return { names, index: members.get('index.json')?.toString(), docker: members.get('manifest.json')?.toString() };
});

scenario('removing the last name frees content and snapshots', async (side) => {
  const { ctr } = side;
  const before = { content: await ctr.ok('content', 'ls', '-q'), snapshots: await ctr.ok('snapshots', 'ls') };
  await importAs(side, 'docker.io/library/freed:1');
  expect((await ctr.ok('content', 'ls', '-q')).length).toBeGreaterThan(before.content.length);
  await ctr.ok('images', 'rm', '--sync', 'docker.io/library/freed:1');
  expect(await ctr.ok('content', 'ls', '-q')).toBe(before.content);
  expect(await ctr.ok('snapshots', 'ls')).toBe(before.snapshots);
});

scenario('removing an image that does not exist only warns', async ({ ctr }) => {
  const { code, stdout, stderr } = await ctr.try(['images', 'rm', 'example.com/absent:1']);
  expect(stderr).toContain('image not found');
  return { code, stdout };
});
