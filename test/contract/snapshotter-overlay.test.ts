import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { MemoryKeyValue } from '../../snapshotter/key-value.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import { snapshotterSuite } from './snapshotter-suite.ts';

snapshotterSuite('overlay', (root) =>
  openOverlay({ sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger }, { root }),
);
