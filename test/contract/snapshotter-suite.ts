import { describe } from 'vitest';
import { snapshotFileTests } from './snapshotter-files.ts';
import type { OpenSnapshotter } from './snapshotter-fixture.ts';
import { snapshotRebaseTests } from './snapshotter-rebase.ts';
import { snapshotRecordTests } from './snapshotter-records.ts';

/** What some snapshotters cannot do. */
export interface Abilities {
  /** A parent can be given at commit. */
  readonly rebase: boolean;
}

/** What every snapshotter has to do, whatever it is made of and wherever it is reached. Needs root and real mounts. */
export function snapshotterSuite(name: string, open: OpenSnapshotter, abilities: Abilities = { rebase: true }): void {
  describe(name, () => {
    snapshotRecordTests(open);
    snapshotFileTests(open);
    if (abilities.rebase) snapshotRebaseTests(open);
  });
}
