import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isKind } from '../../base/errors.ts';
import { decodeRecord } from '../../snapshotter/record.ts';
import type { Context } from '../context.ts';
import { snapshotTable } from '../metadata/schema.ts';
import { namesIn } from './entries.ts';
import type { Suspect } from './suspect.ts';
import type { LayerStore, World } from './world.ts';

/** What a namespace calls a snapshot. */
interface Owner {
  readonly namespace: string;
  readonly name: string;
}

/** Disagreements between the namespaces' records of snapshots, the snapshotter's own, and the directories on disk. */
export async function* examineSnapshots(world: World): AsyncGenerator<Suspect> {
  for (const store of world.layerStores) yield* examineStore(world, store);
}

async function* examineStore(world: World, store: LayerStore): AsyncGenerator<Suspect> {
  // Directories first, then records: a directory is on disk before its record and goes after it.
  const names = await namesIn(store.layers);
  const ids = new Map<string, number>();
  for await (const { key, value } of store.records.list(['snapshot'])) {
    const name = key.at(-1) ?? '';
    ids.set(name, decodeRecord(name, value).id);
  }
  const owners = new Map<string, Owner>();
  for await (const { key, value } of world.database.list(snapshotTable, [])) {
    const [namespace = '', snapshotter, name = ''] = key;
    if (snapshotter !== store.snapshots.name) continue;
    owners.set(value.backendKey, { namespace, name });
    if (!ids.has(value.backendKey)) yield withoutSnapshot(store, { namespace, name }, value.backendKey);
  }
  const directories = new Set(names);
  for (const [key, id] of ids) {
    const owner = owners.get(key);
    if (owner === undefined) yield unreferenced(store, key, id);
    if (!directories.has(String(id))) yield withoutDirectory(store, key, id, owner);
  }
  const used = new Set([...ids.values()].map(String));
  for (const name of names) if (!used.has(name)) yield withoutRecord(store, name);
}

function withoutSnapshot(store: LayerStore, { namespace, name }: Owner, backendKey: string): Suspect {
  return {
    kind: 'snapshot-record-without-snapshot',
    what: `snapshot "${name}" of namespace ${namespace} is missing in the snapshotter`,
    path: '',
    advice: 'gantry doctor --repair forgets it',
    repair: async () => {
      if (await isMissing(store.snapshotter.stat(backendKey))) await store.snapshots.remove(contextOf(namespace), name);
    },
  };
}

function unreferenced(store: LayerStore, key: string, id: number): Suspect {
  return {
    kind: 'snapshot-unreferenced',
    what: `snapshot "${key}" is in no namespace`,
    path: join(store.layers, String(id)),
    advice: 'gantry prune removes it',
    measured: true,
    repair: async () => {
      await store.snapshots.prune();
      await store.snapshotter.cleanup();
    },
  };
}

function withoutDirectory(store: LayerStore, key: string, id: number, owner: Owner | undefined): Suspect {
  const path = join(store.layers, String(id));
  return {
    kind: 'snapshot-record-without-directory',
    what: `snapshot "${key}" has no directory`,
    path,
    advice: 'gantry doctor --repair forgets it, so that its layer can be unpacked again',
    repair: async () => {
      if (!(await isMissing(stat(path)))) return;
      if (owner !== undefined) await store.snapshots.remove(contextOf(owner.namespace), owner.name);
      await store.snapshotter.remove(key).catch((error: unknown) => {
        if (!isKind(error, 'not-found')) throw error;
      });
    },
  };
}

function withoutRecord(store: LayerStore, name: string): Suspect {
  return {
    kind: 'snapshot-directory-without-record',
    what: `directory ${name} belongs to no snapshot`,
    path: join(store.layers, name),
    advice: 'gantry prune removes it',
    measured: true,
    // The snapshotter knows which directories it is just making.
    repair: () => store.snapshotter.cleanup(),
  };
}

async function isMissing(look: Promise<unknown>): Promise<boolean> {
  try {
    await look;
    return false;
  } catch (error) {
    if (isKind(error, 'not-found') || (error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

const contextOf = (namespace: string): Context => ({ namespace, signal: new AbortController().signal });
