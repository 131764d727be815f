import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { NamespacedContent } from '../../daemon/content/namespaced-content.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import { DiffService } from '../../daemon/services/diff.ts';
import { sys } from '../../native/sys.ts';
import { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { openSnapshotStack } from './snapshot-stack.ts';

/** Snapshots, content and the diff service over both, below one directory that is removed with them. */
export async function openLayerStack() {
  const directory = await mkdtemp(join(tmpdir(), 'gr-'));
  const stack = await openSnapshotStack(directory);
  const store = await ContentStore.open(join(directory, 'content'), { sys, clock: systemClock });
  const deps = { database: stack.database, backend: store, events: { publish: () => undefined }, clock: systemClock };
  const content = new NamespacedContent(deps, { sharingPolicy: 'shared' });
  const mounts = await TemporaryMounts.open({ sys }, { directory: join(directory, 'mounts') });
  const diff = new DiffService(
    { sys, mounts, content },
    {
      streamProcessors: [],
    },
  );
  return {
    ...stack,
    directory,
    content,
    mounts,
    diff,
    store,
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

export type LayerStack = Awaited<ReturnType<typeof openLayerStack>>;
