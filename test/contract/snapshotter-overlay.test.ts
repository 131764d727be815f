import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { MemoryKeyValue } from '../../snapshotter/key-value.ts';
import { OverlaySnapshotter } from '../../snapshotter/overlay/overlay.ts';
import { snapshotterSuite } from './snapshotter-suite.ts';

snapshotterSuite('overlay', (root) =>
  OverlaySnapshotter.open({ sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger }, { root }),
);
