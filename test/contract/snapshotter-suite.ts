import { describe } from 'vitest';
import type { ErrorKind } from '../../base/errors.ts';
import { snapshotFileTests } from './snapshotter-files.ts';
import type { OpenSnapshotter } from './snapshotter-fixture.ts';
import { noRebaseTests, snapshotRebaseTests } from './snapshotter-rebase.ts';
import { snapshotRecordTests } from './snapshotter-records.ts';

/** What some snapshotters cannot do. */
export interface Abilities {
  /** A parent can be given at commit; false if that is refused, `ignored` if nobody looks at it. */
  readonly rebase: boolean | 'ignored';
  /** A snapshot holds what its layer changes, not a copy of the whole tree. */
  readonly layered: boolean;
  /** Of what kind the refusal to commit a view is, where it is not failed-precondition. */
  readonly viewRefusal?: ErrorKind;
}

const all: Abilities = { rebase: true, layered: true };

/** What every snapshotter has to do, whatever it is made of and wherever it is reached. Needs root and real mounts. */
export function snapshotterSuite(name: string, open: OpenSnapshotter, abilities: Abilities = all): void {
  describe(name, () => {
    snapshotRecordTests(open, abilities);
    snapshotFileTests(open, abilities);
    if (abilities.rebase === true) snapshotRebaseTests(open);
    if (abilities.rebase === false) noRebaseTests(open);
  });
}
