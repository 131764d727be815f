import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { sys } from '../../native/sys.ts';
import { all } from '../../test/helpers/metadata-fixture.ts';
import type { Context } from '../context.ts';
import { Database } from '../metadata/database.ts';
import { ingestTable, leaseResourceTable, leaseTable } from '../metadata/schema.ts';
import { NamespacedContent } from './namespaced-content.ts';
import { ContentStore } from './store.ts';

const ctx: Context = { namespace: 'one', leaseId: 'keeper', signal: new AbortController().signal };

test('records of ingests that are not on disk go, from leases as well; others stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gc-'));
  const database = await Database.open(join(folder, 'db'));
  onTestFinished(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  const store = await ContentStore.open(join(folder, 'content'), { sys, clock: systemClock });
  const deps = { database, backend: store, events: { publish: () => undefined }, clock: systemClock };
  const content = new NamespacedContent(deps, { sharingPolicy: 'shared' });
  await database.update((tx) => {
    tx.put(leaseTable, ['one', 'keeper'], { id: 'keeper', createdAt: null, labels: {} });
  });
  for (const ref of ['kept', 'lost']) await (await content.writer(ctx, { ref })).close();
  const lost = await database.get(ingestTable, ['one', 'lost']);
  await store.abort(lost?.backendRef ?? '');

  await content.recover();
  expect((await content.statuses(ctx, [])).map(({ ref }) => ref)).toEqual(['kept']);
  expect(await database.get(ingestTable, ['one', 'lost'])).toBeUndefined();
  const held = await all(database.list(leaseResourceTable, ['one', 'keeper']));
  expect(held.map(({ key }) => key.at(-1))).toEqual(['kept']);
});
