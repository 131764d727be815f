import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { connect } from '../../client/index.ts';
import { Daemon, type DaemonKind } from '../helpers/daemon.ts';
import { remoteSnapshotter } from './snapshotter-remote.ts';
import { type Abilities, snapshotterSuite } from './snapshotter-suite.ts';

/** Debian's containerd passes too, which shows that the suite asks for what its clients are used to. */
const cases: [kind: DaemonKind, snapshotter: string, abilities: Abilities][] = [
  ['containerd', 'overlayfs', { rebase: 'ignored', layered: true }],
  ['containerd', 'native', { rebase: 'ignored', layered: false, viewRefusal: 'unknown' }],
  ['gantryd', 'overlayfs', { rebase: true, layered: true }],
  ['gantryd', 'native', { rebase: false, layered: false }],
];

describe.for(cases)('%s, %s', ([kind, snapshotter, abilities]) => {
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    daemon = await Daemon.start(kind);
  });
  afterAll(() => daemon?.close());

  const open = async () => {
    const namespace = `gt-${randomBytes(4).toString('hex')}`;
    return remoteSnapshotter(connect({ address: daemon?.address ?? '', namespace }), snapshotter);
  };
  snapshotterSuite(`${snapshotter} of ${kind} over gRPC`, open, abilities);
});
