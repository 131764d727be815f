import { afterAll, beforeAll, describe } from 'vitest';
import { ProxyConnection } from '../../daemon/proxy/connection.ts';
import { ProxySnapshotter } from '../../daemon/proxy/snapshotter.ts';
import { SnapshotterProcess } from '../helpers/snapshotter-process.ts';
import { type Abilities, snapshotterSuite } from './snapshotter-suite.ts';

const drivers: [driver: string, abilities: Abilities][] = [
  ['overlay', { rebase: true, layered: true }],
  ['copy', { rebase: false, layered: false }],
];

describe.for(drivers)('%s', ([driver, abilities]) => {
  let running: SnapshotterProcess | undefined;
  beforeAll(async () => {
    running = await SnapshotterProcess.start('--driver', driver);
  });
  afterAll(() => running?.close());

  const open = async () => {
    const connection = new ProxyConnection({ name: 'contract', address: running?.address ?? '' });
    const snapshotter = new ProxySnapshotter(connection);
    // One process serves all tests, each of which wants to begin with nothing.
    await removeAll(snapshotter);
    return snapshotter;
  };
  snapshotterSuite(`gantry-snapshotter, ${driver}, as a proxy`, open, abilities);
});

async function removeAll(snapshotter: ProxySnapshotter): Promise<void> {
  const parents = new Map<string, string>();
  for await (const { name, parent } of snapshotter.walk()) parents.set(name, parent);
  while (parents.size > 0) {
    const withChildren = new Set(parents.values());
    for (const name of [...parents.keys()].filter((each) => !withChildren.has(each))) {
      await snapshotter.remove(name);
      parents.delete(name);
    }
  }
}
