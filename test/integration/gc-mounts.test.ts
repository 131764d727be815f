import { mkdir, open as openFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { Collector } from '../../daemon/gc/collector.ts';
import { MountsService } from '../../daemon/services/mounts.ts';
import { sys } from '../../native/sys.ts';
import { mountsBelow } from '../helpers/daemon.ts';
import { GcWorld } from '../helpers/gc-world.ts';
import { all } from '../helpers/metadata-fixture.ts';
import { shortTempFolder } from '../helpers/paths.ts';

let stack: AsyncDisposableStack;
let world: GcWorld;
let targets: string;
let service: MountsService;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  stack.defer(() => sys.unmountRecursive(folder));
  targets = join(folder, 't');
  await mkdir(targets);
  world = stack.use(await GcWorld.open());
  service = await MountsService.open({ ...world.fixture, sys, log: silentLogger }, { targets, roots: [] });
});
afterEach(() => stack.disposeAsync());

async function collect(): Promise<void> {
  const { fixture, store } = world;
  const deps = { ...fixture, store, snapshotters: new Map(), mounts: service, logger: silentLogger };
  await new Collector(deps).collect(new AbortController().signal);
}

const gc = 'containerd.io/gc.';

/** Activates a file system that holds nothing. */
async function activate(name: string, labels: Record<string, string> = {}, leaseId?: string): Promise<void> {
  const tmpfs = { type: 'tmpfs', source: 'tmpfs', target: '', options: [] };
  const request = { name, mounts: [tmpfs], labels, temporary: true };
  await service.activate(world.context('default', leaseId), request);
}

const names = async () => (await all(service.list(world.context('default'), []))).map(({ name }) => name);

test('an activation is kept by its lease, by references to it, and by what its labels name', async () => {
  const ctx = world.context('default');
  const [id, dead] = ['c', 'nobody'];
  await world.leases.create(ctx, 'l', {});
  const container = { id, image: '', runtime: { name: 'r', options: null }, snapshotter: '', snapshotKey: '' };
  const more = {
    spec: { typeUrl: 't', value: Buffer.alloc(0) },
    createdAt: null,
    updatedAt: null,
    extensions: {},
    sandbox: '',
  };
  await world.containers.create(ctx, { ...container, ...more, labels: { [`${gc}ref.mount.1`]: 'referred' } });
  await activate('leased', {}, 'l');
  await activate('referred');
  await activate('of-container', { [`${gc}bref.container`]: id });
  await activate('of-nobody', { [`${gc}bref.container`]: dead, [`${gc}root`]: 'has no meaning here' });
  await activate('on-its-own');
  await collect();
  expect(await names()).toEqual(['leased', 'of-container', 'referred']);
  expect(mountsBelow(targets)).toHaveLength(3);
  await world.leases.delete(ctx, 'l');
  await collect();
  expect(await names()).toEqual(['of-container', 'referred']);
  await world.containers.delete(ctx, id);
  await collect();
  expect(await names()).toEqual([]);
  expect(mountsBelow(targets)).toEqual([]);
  expect(await readdir(targets)).toEqual([]);
});

test('an activation keeps nothing', async () => {
  const digest = await world.write(world.context('default'), 'blob');
  await world.leases.create(world.context('default'), 'l', {});
  await activate('leased', { [`${gc}ref.content`]: digest }, 'l');
  await collect();
  expect(await all(world.store.digests())).toEqual([]);
  expect(await names()).toEqual(['leased']);
});

test('one that is still being mounted is left alone', async () => {
  const activating = activate('slow');
  await Promise.all([collect(), activating]);
  expect(await names()).toEqual(['slow']);
  expect(mountsBelow(targets)).toHaveLength(1);
});

test('what is busy is unmounted by the next collection', async () => {
  await activate('busy');
  const busy = await openFile(join(targets, '1', '1'));
  try {
    await collect();
    expect(await names()).toEqual([]);
    expect(mountsBelow(targets)).toHaveLength(1);
  } finally {
    await busy.close();
  }
  expect(service.hasLeftovers).toBe(true);
  await collect();
  expect(mountsBelow(targets)).toEqual([]);
});
