import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  blobTable,
  containerTable,
  imageTable,
  ingestTable,
  leaseResourceTable,
  leaseTable,
  snapshotTable,
} from '../../daemon/metadata/schema.ts';
import { type GcWorld, type Labels, snapshotterName } from './gc-world.ts';
import { all } from './metadata-fixture.ts';

/** What refers, by its own name, to what, as names such as `ns content sha256:…`. */
interface Facts {
  readonly resources: ReadonlySet<string>;
  readonly roots: readonly string[];
  readonly references: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong in a world. */
export interface Findings {
  /** References, also of leases, to what is not there, and records without their bytes. */
  readonly dangling: string[];
  /** Resources that nothing keeps, and bytes without a record. */
  readonly unreferenced: string[];
}

/** Looks at everything, in the plainest way: rules that the random test uses, written down a second time. */
export async function audit(world: GcWorld): Promise<Findings> {
  const facts = await readFacts(world);
  const { resources, roots, references } = facts;
  const targets = [...references]
    .filter(([from]) => resources.has(from))
    .flatMap(([from, to]) => to.map((t) => [from, t]));
  const missing = [...roots.map((root) => ['a lease', root]), ...targets].filter(
    ([, to]) => !resources.has(to as string),
  );
  const disk = await compareDisk(world);
  const live = new Set<string>();
  const visit = (name: string): void => {
    if (live.has(name)) return;
    live.add(name);
    for (const target of references.get(name) ?? []) visit(target);
  };
  roots.forEach(visit);
  return {
    dangling: [...missing.map(([from, to]) => `${from} -> ${to}`), ...disk.missing],
    unreferenced: [...[...resources].filter((name) => !live.has(name)), ...disk.extra],
  };
}

async function readFacts({ fixture: { database } }: GcWorld): Promise<Facts> {
  const references = new Map<string, string[]>();
  const roots: string[] = [];
  const add = (name: string, namespace: string, labels: Labels, more: readonly string[] = []) => {
    references.set(name, [...more, ...labelled(namespace, labels)]);
  };
  for (const { key, value } of await all(database.list(imageTable, []))) {
    const name = `${key[0]} image ${value.name}`;
    add(name, key[0] as string, value.labels, [`${key[0]} content ${value.target?.digest}`]);
    roots.push(name);
  }
  for (const { key, value } of await all(database.list(containerTable, []))) {
    const name = `${key[0]} container ${value.id}`;
    add(name, key[0] as string, value.labels, [`${key[0]} snapshot ${value.snapshotKey}`]);
    roots.push(name);
  }
  for (const { key, value } of await all(database.list(blobTable, []))) {
    add(`${key[0]} content ${value.digest}`, key[0] as string, value.labels);
  }
  for (const { key } of await all(database.list(ingestTable, []))) references.set(`${key[0]} ingest ${key[1]}`, []);
  for (const { key, value } of await all(database.list(snapshotTable, []))) {
    const parent = value.parent === '' ? [] : [`${key[0]} snapshot ${value.parent}`];
    add(`${key[0]} snapshot ${key[2]}`, key[0] as string, value.labels, parent);
  }
  for (const { key } of await all(database.list(leaseTable, []))) {
    references.set(`${key[0]} lease ${key[1]}`, []);
    roots.push(`${key[0]} lease ${key[1]}`);
  }
  for (const { key } of await all(database.list(leaseResourceTable, []))) {
    // A client that has finished an ingest leaves behind the claims of others who wanted to write it, too.
    if (key[2] === 'ingests' && !references.has(`${key[0]} ingest ${key[3]}`)) continue;
    roots.push(`${key[0]} ${key[2]?.split('/')[0]?.replace(/s$/, '')} ${key[3]}`);
  }
  return { resources: new Set(references.keys()), roots, references };
}

function labelled(namespace: string, labels: Labels): string[] {
  return Object.entries(labels).flatMap(([name, value]) => {
    if (name.startsWith('containerd.io/gc.ref.content')) return [`${namespace} content ${value}`];
    return name.startsWith('containerd.io/gc.ref.snapshot') ? [`${namespace} snapshot ${value}`] : [];
  });
}

/** Records against blobs, ingests and snapshots as they are on disk. */
async function compareDisk({ fixture, store, backend }: GcWorld): Promise<{ missing: string[]; extra: string[] }> {
  const { database, directory } = fixture;
  const blobs = (await all(database.list(blobTable, []))).map(({ value }) => value.digest);
  const snapshots = (await all(database.list(snapshotTable, []))).map(({ value }) => value.backendKey);
  const ingests = (await all(database.list(ingestTable, []))).map(({ value }) => value);
  // An ingest may have found its bytes in another namespace, and keeps them until it is committed.
  const named = new Set([...blobs, ...ingests.map(({ sharedDigest = '' }) => sharedDigest)]);
  const onDisk = new Set(await all(store.digests()));
  const inBackend = new Set((await all(backend.walk())).map(({ name }) => name));
  const directories = await readdir(join(directory, 'content', 'ingest'));
  return {
    missing: [
      ...blobs.filter((digest) => !onDisk.has(digest)).map((digest) => `bytes of ${digest}`),
      ...snapshots.filter((key) => !inBackend.has(key)).map((key) => `${snapshotterName} ${key}`),
    ],
    extra: [
      ...[...onDisk].filter((digest) => !named.has(digest)).map((digest) => `bytes of ${digest}`),
      ...[...inBackend].filter((key) => !snapshots.includes(key)).map((key) => `${snapshotterName} ${key}`),
      ...(directories.length > ingests.length
        ? [`${directories.length} ingests on disk for ${ingests.length} records`]
        : []),
    ],
  };
}
