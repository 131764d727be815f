import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { beginMending, type Damage, endMending, mendDatabase } from '../metadata/damage.ts';
import { type DamageReport, makeDamageFolder, writeDamageReport } from '../metadata/damage-report.ts';
import { Database } from '../metadata/database.ts';
import { type Evidence, type Rebuilt, rebuild, recoveryLease, type StrayLayer } from '../metadata/rebuild.ts';
import { noteTables } from '../metadata/table-sums.ts';
import { isInUse } from './evidence.ts';
import type { WorldPaths } from './world.ts';

export interface OpenDatabaseOptions {
  readonly directory: string;
  readonly paths: Pick<WorldPaths, 'layers' | 'content' | 'state' | 'damaged'>;
}

/**
 * Opens the database. One that is damaged or gone never keeps the daemon from starting: what was there is set aside, what
 * can be saved is, and what the disk shows is put back. What that was is logged and reported by `gantry doctor`.
 * @returns the database, and whether blobs may be other than they should be
 */
export async function openDatabase(
  deps: { readonly evidence: Evidence; readonly clock: Clock; readonly log: Logger },
  options: OpenDatabaseOptions,
): Promise<{ database: Database; wasDamaged: boolean }> {
  const { directory, paths } = options;
  const damage = await damageOf(directory, paths);
  const database = await Database.open(directory);
  if (damage === undefined) {
    await watchTables(directory, deps.log);
    return { database, wasDamaged: false };
  }
  try {
    const tables = tablesOf(damage);
    const rebuilt = await rebuild(database, deps.evidence, { tables, nowNs: deps.clock.now() });
    for (const layer of rebuilt.strayLayers) await setAsideLayer(paths.layers, layer, damage.folder);
    const report = reportOf(damage, rebuilt);
    await writeDamageReport(damage.folder, report);
    await endMending(directory, database);
    await watchTables(directory, deps.log);
    deps.log.error({ lost: report.lost, keptAt: damage.folder }, report.what);
    return { database, wasDamaged: true };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A full disk is no reason not to start. */
async function watchTables(directory: string, log: Logger): Promise<void> {
  await noteTables(directory).catch((error: unknown) => {
    log.warn({ error: messageOf(error) }, 'cannot note the tables of the database');
  });
}

async function damageOf(directory: string, paths: OpenDatabaseOptions['paths']): Promise<Damage | undefined> {
  const found = await mendDatabase(directory, paths.damaged);
  if (typeof found === 'object') return found;
  if (found === 'sound' || !(await isInUse(paths))) return undefined;
  await beginMending(directory);
  const folder = await makeDamageFolder(paths.damaged);
  return { folder, reasons: ['there is none'], records: [], isIncomplete: true };
}

/** Which tables may have lost records. */
function tablesOf({ isIncomplete, records }: Damage): (name: string) => boolean {
  const tables = new Set(records.map((key) => key.split('/')[0] ?? ''));
  return (name) => isIncomplete || tables.has(name);
}

/** What nobody knows any more is kept: it may be the file system of a container that runs. */
async function setAsideLayer(layers: WorldPaths['layers'], layer: StrayLayer, folder: string): Promise<void> {
  const { snapshotter, directory } = layer;
  const kept = join(folder, 'snapshots', snapshotter);
  await mkdir(kept, { recursive: true, mode: 0o700 });
  await rename(join(layers[snapshotter] ?? '', directory), join(kept, directory)).catch((error: unknown) => {
    throw new Error(`cannot set layer ${directory} of ${snapshotter} aside: ${messageOf(error)}`, { cause: error });
  });
}

function reportOf(damage: Damage, rebuilt: Rebuilt): DamageReport {
  const { isIncomplete, reasons, records } = damage;
  const { containers, snapshots, blobs, ingests, strayLayers } = rebuilt;
  const counts = `${containers} containers, ${snapshots} snapshots, ${blobs} blobs and ${ingests} ingests`;
  const cause = isIncomplete ? reasons.join('; ') : `${records.length} records have a wrong checksum`;
  const lost = [
    ...records.map((key) => `record ${key}, unless the disk could tell`),
    ...strayLayers.map(({ directory }) => `the name of layer ${directory}, whose files are set aside`),
    ...(isIncomplete
      ? [
          'images, leases, labels of blobs and namespaces, and containers that never had a task, as far as they were not saved',
          `what holds blobs and snapshots: lease ${recoveryLease} keeps those put back for a week`,
        ]
      : []),
  ];
  const what = `metadata database is damaged (${cause}): set aside what was there, put back ${counts} from disk`;
  return { kind: isIncomplete ? 'database-rebuilt' : 'record-damaged', what, lost, acknowledged: false };
}
