import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '../../base/ids.ts';

/** What happened and what became of it, kept beside what was set aside. */
export interface DamageReport {
  readonly kind: 'database-rebuilt' | 'record-damaged' | 'blob-damaged';
  /** One line for people. */
  readonly what: string;
  /** What is lost or may be, line by line. */
  readonly lost: readonly string[];
  /** Whether somebody has taken note. */
  readonly acknowledged: boolean;
}

const fileName = 'report.json';

/**
 * Makes a folder for what is set aside: `<damaged>/<time>-<random>`. What is in it is never deleted by the daemon.
 * @returns its path
 */
export async function makeDamageFolder(damaged: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-');
  const path = join(damaged, `${time}-${randomHex(2)}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Puts a report into its folder, on disk when it resolves. */
export async function writeDamageReport(folder: string, report: DamageReport): Promise<void> {
  const path = join(folder, fileName);
  await using file = await open(`${path}.new`, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(report, undefined, 2)}\n`);
  await file.sync();
  await rename(`${path}.new`, path);
}

/** All reports, oldest first. A folder without a readable one is passed over. */
export async function readDamageReports(damaged: string): Promise<{ path: string; report: DamageReport }[]> {
  const names = await readdir(damaged).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const reports = await Promise.all(names.sort().map((name) => readReport(join(damaged, name))));
  return reports.filter((entry) => entry !== undefined);
}

/** Notes that somebody knows. */
export async function acknowledge(folder: string): Promise<void> {
  const entry = await readReport(folder);
  if (entry !== undefined) await writeDamageReport(folder, { ...entry.report, acknowledged: true });
}

async function readReport(folder: string): Promise<{ path: string; report: DamageReport } | undefined> {
  try {
    const report = JSON.parse(await readFile(join(folder, fileName), 'utf8')) as DamageReport;
    return { path: folder, report };
  } catch {
    return undefined;
  }
}
