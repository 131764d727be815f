import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { openCopy } from '../../snapshotter/copy/copy.ts';
import { MemoryKeyValue } from '../../snapshotter/key-value.ts';
import { snapshotterSuite } from './snapshotter-suite.ts';

snapshotterSuite(
  'copy',
  (root) => openCopy({ sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger }, { root }),
  { rebase: false, layered: false },
);
