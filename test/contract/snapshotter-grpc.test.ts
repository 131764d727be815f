import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { connect } from '../../client/index.ts';
import { Daemon, type DaemonKind } from '../helpers/daemon.ts';
import { remoteSnapshotter } from './snapshotter-remote.ts';
import { type Abilities, snapshotterSuite } from './snapshotter-suite.ts';

/** Debian's containerd passes too, which shows that the suite asks for what its clients are used to. */
const daemons: [kind: DaemonKind, abilities: Abilities][] = [
  ['containerd', { rebase: 'ignored', layered: true }],
  ['gantryd', { rebase: true, layered: true }],
];

describe.for(daemons)('%s', ([kind, abilities]) => {
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    daemon = await Daemon.start(kind);
  });
  afterAll(() => daemon?.close());

  const open = async () => {
    const namespace = `gt-${randomBytes(4).toString('hex')}`;
    return remoteSnapshotter(connect({ address: daemon?.address ?? '', namespace }), 'overlayfs');
  };
  snapshotterSuite(`overlay of ${kind} over gRPC`, open, abilities);
});
