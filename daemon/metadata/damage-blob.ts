import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDamageFolder, writeDamageReport } from './damage-report.ts';
import type { Database } from './database.ts';
import { blobTable, namespaceTable } from './schema.ts';

/**
 * Takes a blob whose bytes are wrong out of the store and out of every namespace, so that it can be fetched again; the
 * file is kept among what is damaged.
 */
export async function setAsideBlob(
  database: Pick<Database, 'update'>,
  blob: { readonly digest: string; readonly path: string },
  options: {
    /** Where damaged things are kept. */ readonly damaged: string /** Whether somebody knows already. */;
    readonly acknowledged: boolean;
  },
): Promise<void> {
  const { digest, path } = blob;
  const folder = await makeDamageFolder(options.damaged);
  await database.update(async (tx) => {
    await rename(path, join(folder, digest.replace(':', '-')));
    for await (const { key } of tx.list(namespaceTable, [])) tx.delete(blobTable, [key[0] ?? '', digest]);
  });
  const what = `blob ${digest} had other bytes than its name says and was set aside`;
  const { acknowledged } = options;
  await writeDamageReport(folder, { kind: 'blob-damaged', what, lost: [`blob ${digest}`], acknowledged });
}
