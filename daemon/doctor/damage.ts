import { acknowledge, readDamageReports } from '../metadata/damage-report.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** What was found damaged when the daemon started, until somebody has taken note. */
export async function* examineDamage(world: World): AsyncGenerator<Suspect> {
  for (const { path, report } of await readDamageReports(world.paths.damaged)) {
    if (report.acknowledged) continue;
    yield {
      kind: report.kind,
      what: report.what,
      path,
      advice: 'gantry doctor --repair takes note and keeps what was set aside; delete it once it is of no use',
      measured: true,
      repair: () => acknowledge(path),
    };
  }
}
