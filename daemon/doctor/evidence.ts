import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { JSON_TYPES } from '../../proto/any.ts';
import type { Container } from '../../proto/gen/api/services/containers/v1/containers.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { readLayerRecord } from '../../snapshotter/layers/layer-record.ts';
import type { ContentStore } from '../content/store.ts';
import type { Evidence } from '../metadata/rebuild.ts';
import { type Bundle, taskDirectory } from '../runtime/bundle.ts';
import { readContainerRecord } from '../runtime/container-record.ts';
import { directoriesIn, namesIn } from './entries.ts';
import type { World, WorldPaths } from './world.ts';

/** What the daemon's directories tell of what was in its database. */
export function evidenceOf(
  parts: Pick<World, 'bundles'> & { readonly store: Pick<ContentStore, 'list' | 'statuses'> },
  paths: Pick<WorldPaths, 'layers'>,
): Evidence {
  return {
    containers: async () => {
      const found = await Promise.all((await parts.bundles.list()).map(containerOf));
      return found.flat();
    },
    snapshots: Object.entries(paths.layers).map(([name, path]) => ({ name, layers: () => layersIn(path) })),
    blobs: () => parts.store.list(),
    ingests: () => parts.store.statuses(),
  };
}

/** Whether there ever was a database: without one none of these would be there. */
export async function isInUse(paths: Pick<WorldPaths, 'layers' | 'content' | 'state'>): Promise<boolean> {
  const bundles = join(paths.state, taskDirectory);
  const namespaces = await directoriesIn(bundles);
  const directories = [
    ...Object.values(paths.layers),
    join(paths.content, 'blobs', 'sha256'),
    join(paths.content, 'ingest'),
    ...namespaces.map((namespace) => join(bundles, namespace)),
  ];
  const names = await Promise.all(directories.map(namesIn));
  return names.some(({ length }) => length > 0);
}

async function layersIn(path: string) {
  const directories = (await directoriesIn(path)).filter((name) => !name.startsWith('.'));
  return Promise.all(
    directories.map(async (directory) => ({ directory, record: await readLayerRecord(join(path, directory)) })),
  );
}

/** The container of a bundle: its own record, else what can be told from what the runtime was given. */
async function containerOf(bundle: Bundle): Promise<{ namespace: string; container: Container }[]> {
  const { namespace, id, path } = bundle;
  const record = await readContainerRecord(path);
  if (record?.id === id) return [{ namespace, container: record }];
  const [spec, shimPath] = await Promise.all(
    ['config.json', 'shim-binary-path'].map((name) => readFile(join(path, name)).catch(() => Buffer.alloc(0))),
  );
  if (spec === undefined || shimPath === undefined || spec.length === 0) return [];
  const now = timestampFromNs(BigInt(Date.now()) * 1_000_000n);
  const container: Container = {
    id,
    labels: {},
    image: '',
    runtime: { name: runtimeOf(shimPath.toString()), options: null },
    spec: { typeUrl: JSON_TYPES.spec, value: spec },
    snapshotter: '',
    snapshotKey: '',
    createdAt: now,
    updatedAt: now,
    extensions: {},
    sandbox: '',
  };
  return [{ namespace, container }];
}

/** The runtime's name that leads to a shim: `containerd-shim-runc-v2` is `io.containerd.runc.v2`; else the path itself. */
function runtimeOf(shimPath: string): string {
  const [, name, version] = /^containerd-shim-([a-z0-9]+)-(v\d+)$/.exec(basename(shimPath)) ?? [];
  return name === undefined ? shimPath : `io.containerd.${name}.${version}`;
}
