import { describe } from 'vitest';
import { snapshotFileTests } from './snapshotter-files.ts';
import type { OpenSnapshotter } from './snapshotter-fixture.ts';
import { snapshotRecordTests } from './snapshotter-records.ts';

/** What every snapshotter has to do, whatever it is made of and wherever it is reached. Needs root and real mounts. */
export function snapshotterSuite(name: string, open: OpenSnapshotter): void {
  describe(name, () => {
    snapshotRecordTests(open);
    snapshotFileTests(open);
  });
}
