import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Client } from '../../client/client.ts';
import { sandboxStoreHandlers } from '../../daemon/grpc/sandboxes.ts';
import { SandboxesService } from '../../daemon/services/sandboxes.ts';
import { serve } from '../helpers/grpc-server.ts';
import { MetadataFixture } from '../helpers/metadata-fixture.ts';

let stack: AsyncDisposableStack;
let client: Client;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const fixture = stack.use(await MetadataFixture.open());
  ({ client } = stack.use(await serve(sandboxStoreHandlers(new SandboxesService(fixture)))));
});
afterEach(() => stack.disposeAsync());

const store = (of = client) => of.service('containerd.services.sandbox.v1.Store');
const any = (text: string) => ({ typeUrl: 'x', value: Buffer.from(text) });
const sandbox = (sandboxId: string) => ({
  sandboxId,
  runtime: { name: 'io.containerd.runc.v2', options: any('o') },
  spec: any('s'),
  labels: { a: 'b' },
  extensions: { e: any('1') },
  sandboxer: 'shim',
});

test('a sandbox is stored, changed, found and deleted', async () => {
  const { sandbox: created } = await store().Create({ sandbox: sandbox('s') });
  expect(created).toMatchObject(sandbox('s'));
  expect(created?.createdAt).toEqual(created?.updatedAt);
  const { sandbox: updated } = await store().Update({
    sandbox: { sandboxId: 's', labels: { c: 'd' }, extensions: { f: any('2') } },
    fields: ['labels.c', 'extensions.f'],
  });
  expect(updated).toMatchObject({ labels: { a: 'b', c: 'd' }, extensions: { e: any('1'), f: any('2') } });
  expect((await store().Get({ sandboxId: 's' })).sandbox).toEqual(updated);
  await store().Create({ sandbox: { ...sandbox('r'), labels: {} } });
  expect((await store().List({})).list.map(({ sandboxId }) => sandboxId)).toEqual(['r', 's']);
  expect((await store().List({ filters: ['labels.c==d', 'id==nope'] })).list).toEqual([updated]);
  await store().Delete({ sandboxId: 's' });
  expect((await store().List({})).list.map(({ sandboxId }) => sandboxId)).toEqual(['r']);
});

test('sandboxes of another namespace are not there', async () => {
  await store().Create({ sandbox: sandbox('s') });
  const other = store(client.with({ namespace: 'other' }));
  expect((await other.List({})).list).toEqual([]);
  await expect(other.Get({ sandboxId: 's' })).rejects.toMatchObject({ kind: 'not-found' });
});

test('failures have the codes of containerd', async () => {
  await store().Create({ sandbox: sandbox('s') });
  const failures: [() => Promise<unknown>, string, string][] = [
    [() => store().Create({ sandbox: sandbox('s') }), 'already-exists', 'sandbox "s": already exists'],
    [() => store().Create({ sandbox: sandbox('a/b') }), 'invalid-argument', 'failed to validate sandbox'],
    [() => store().Create({}), 'invalid-argument', 'sandbox is missing'],
    [() => store().Get({ sandboxId: 'x' }), 'not-found', 'sandbox "x": not found'],
    [() => store().Delete({ sandboxId: 'x' }), 'not-found', 'sandbox "x": not found'],
    [() => store().Update({ sandbox: sandbox('x') }), 'not-found', 'sandbox "x": not found'],
    [() => store().Update({ sandbox: { ...sandbox('s'), runtime: { name: 'y' } } }), 'invalid-argument', 'immutable'],
    [
      () => store().Update({ sandbox: sandbox('s'), fields: ['sandboxer'] }),
      'invalid-argument',
      'cannot update "sandboxer"',
    ],
    [() => store().List({ filters: ['id=='] }), 'invalid-argument', 'parse error'],
  ];
  for (const [attempt, kind, message] of failures) {
    await expect(attempt()).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
  }
});
