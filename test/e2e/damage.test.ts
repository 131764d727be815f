import { readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database } from '../../daemon/metadata/database.ts';
import { LevelEngine } from '../../daemon/metadata/engine.ts';
import { metaTable, schemaVersion } from '../../daemon/metadata/schema.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { exists } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

const level = (side: Side) => join(side.daemon.root, 'io.containerd.metadata.v1.level');

function filesOf(side: Side, pattern: RegExp): string[] {
  return readdirSync(level(side))
    .filter((name) => pattern.test(name))
    .map((name) => join(level(side), name));
}

function flipMiddle(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}

function each(paths: readonly string[], damage: (path: string) => void): void {
  for (const path of paths) damage(path);
}

/** Everything a record was ever in. */
const dataFiles = /\.(log|ldb)$/;

const damages: readonly (readonly [string, (side: Side) => void])[] = [
  ['truncated', (side) => each(filesOf(side, dataFiles), (path) => truncateSync(path, 100))],
  ['bit-flipped', (side) => each(filesOf(side, dataFiles), flipMiddle)],
  ['deleted', (side) => rmSync(level(side), { recursive: true })],
  ['without CURRENT', (side) => unlinkSync(join(level(side), 'CURRENT'))],
  ['without manifest', (side) => each(filesOf(side, /^MANIFEST/), unlinkSync)],
  ['with a flipped manifest', (side) => each(filesOf(side, /^MANIFEST/), flipMiddle)],
  [
    'full of garbage',
    (side) => each(filesOf(side, /./), (path) => writeFileSync(path, Buffer.alloc(5_000, 'garbage'))),
  ],
];

/** Three containers: one that stays, one that ends while nobody looks, one whose end comes later. */
async function startContainers(side: Side): Promise<void> {
  await side.ctr.ok('run', '-d', '--label', 'colour=blue', image, 'stays', 'sleep', '1000');
  for (const [id, status] of Object.entries({ ends: 41, later: 43 })) {
    const script = `trap "exit ${status}" TERM; echo ready; while :; do usleep 5000; done`;
    const log = join(side.daemon.folder, `${id}.log`);
    await side.ctr.ok('run', '-d', '--log-uri', `file://${log}`, image, id, 'sh', '-c', script);
    await eventually(() => expect(readFileSync(log, 'utf8')).toBe('ready\n'));
  }
}

test.each(damages)('a database that is %s gives back the running containers', async (_, damage) => {
  await using side = await Side.start('gantryd', { image: true });
  await startContainers(side);
  const before = await listTasks(side);
  await side.ctr.ok('snapshots', 'prepare', 'own');
  await side.daemon.kill();
  const pid = before.get('ends')?.pid ?? 0;
  process.kill(pid, 'SIGTERM');
  await eventually(() => expect(exists(pid)).toBe(false));
  damage(side);
  await side.daemon.start();

  const after = await listTasks(side);
  for (const id of ['stays', 'later'])
    expect(after.get(id)).toMatchObject({ status: 'RUNNING', pid: before.get(id)?.pid });
  const containers = (await side.ctr.ok('containers', 'ls', '-q')).trim().split('\n');
  expect(containers.sort()).toEqual(['ends', 'later', 'stays']);
  expect(await side.ctr.ok('containers', 'info', 'stays')).toContain('"colour": "blue"');
  expect(await side.ctr.ok('tasks', 'exec', '--exec-id', 'e', 'stays', 'echo', 'alive')).toBe('alive\n');
  expect(await exitOf(side, 'ends')).toMatchObject({ exitStatus: 41 });
  await side.ctr.ok('tasks', 'kill', 'later');
  expect(await exitOf(side, 'later')).toMatchObject({ exitStatus: 43 });
  expect(await side.ctr.ok('snapshots', 'ls')).toMatch(/^own +Active/m);
  expect(side.daemon.log).toMatch(/metadata database is damaged \(/);

  const gantry = new Gantry(side);
  const { stdout, code } = await gantry.try(['doctor', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: { kind: string; path: string }[] };
  expect(findings.map(({ kind }) => kind)).toEqual(['database-rebuilt']);
  expect(code).toBe(3);
  await gantry.ok('doctor', '--repair');
  expect(await gantry.json('doctor')).toEqual({ findings: [] });
  expect(readdirSync(findings[0]?.path ?? '')).toContain('report.json');
  // What was given back can be taken away as ever, and all of it.
  await side.remove('stays', 'ends', 'later');
  expect(await gantry.json('doctor')).toEqual({ findings: [] });
});

test('a single damaged record is told and set aside; what the disk shows of it is put back', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', '--label', 'colour=green', image, 'stays', 'sleep', '1000');
  const images = await side.ctr.ok('images', 'ls', '-q');
  await side.daemon.kill();
  const engine = new LevelEngine(level(side));
  await engine.open();
  for (const key of [`containers\0${side.namespace}\0stays`, `namespaces\0${side.namespace}`]) {
    const stored = Buffer.from((await engine.get(key)) ?? '');
    stored[stored.length - 1] = (stored.at(-1) ?? 0) ^ 1;
    await engine.write([[key, stored]], { sync: true });
  }
  await engine.close();
  await side.daemon.start();
  expect(await side.ctr.ok('images', 'ls', '-q')).toBe(images);
  expect(await side.ctr.ok('containers', 'info', 'stays')).toContain('"colour": "green"');
  expect(await side.ctr.ok('namespaces', 'ls', '-q')).toContain(side.namespace);
  const { stdout } = await new Gantry(side).try(['doctor', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: { kind: string; what: string; path: string }[] };
  expect(findings).toMatchObject([{ kind: 'record-damaged', what: expect.stringContaining('2 records') }]);
  const kept = readFileSync(join(findings[0]?.path ?? '', 'records.jsonl'), 'utf8');
  expect(kept.trim().split('\n')).toHaveLength(2);
  await side.remove('stays');
});

test('a start after a damage is a start like any other', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', image, 'stays', 'sleep', '1000');
  await side.daemon.kill();
  rmSync(level(side), { recursive: true });
  await side.daemon.start();
  const logged = side.daemon.log.length;
  await side.daemon.crash();
  await side.daemon.crash();
  expect(side.daemon.log.slice(logged)).not.toContain('is damaged');
  expect((await listTasks(side)).get('stays')).toMatchObject({ status: 'RUNNING' });
  // The same image again: what is on disk is used, and a new container stands on it.
  await side.ctr.ok('images', 'import', join(side.daemon.folder, 'image.tar'));
  await side.ctr.ok('run', '--rm', image, 'new', 'true');
  await side.remove('stays');
});

test('blobs that are wrong are set aside after a damage, the others kept', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const digests = (await side.ctr.ok('content', 'ls', '-q')).trim().split('\n');
  const victim = digests[0] ?? '';
  const path = join(side.daemon.root, 'io.containerd.content.v1.content/blobs', victim.replace(':', '/'));
  await side.daemon.kill();
  rmSync(level(side), { recursive: true });
  flipMiddle(path);
  await side.daemon.start();
  await eventually(() => expect(side.daemon.log).toContain('all blobs are read'));
  const { stdout } = await new Gantry(side).try(['doctor', '--verify', '--json']);
  const kinds = (JSON.parse(stdout) as { findings: { kind: string; what: string }[] }).findings;
  expect(kinds.map(({ kind }) => kind).sort()).toEqual(['blob-damaged', 'database-rebuilt']);
  expect(kinds.find(({ kind }) => kind === 'blob-damaged')?.what).toContain(victim);
});

test('a database of a newer release is refused, and nothing of it is touched', async () => {
  await using side = await Side.start('gantryd');
  await side.daemon.kill();
  {
    await using database = await Database.open(level(side));
    await database.update((tx) => tx.put(metaTable, ['version'], schemaVersion + 1));
  }
  const life = await side.daemon.launch();
  expect(await life.wait()).toEqual({ how: 'exit', value: 1 });
  expect(side.daemon.log).toMatch(/schema version \d+, this release knows up to \d+: it was used by a newer one/);
  expect(readdirSync(side.daemon.root)).not.toContain('damaged');
});
