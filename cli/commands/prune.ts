import type { Command } from 'commander';
import { act, type Cli } from '../action.ts';
import { abandonedLogs } from '../log/abandoned.ts';
import { printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { oneLine } from '../output/text.ts';
import { formatSize } from '../output/units.ts';

export function definePrune(command: Command): void {
  command.option('--dry-run', 'only tell what would be removed');
  act(command, pruneAll);
}

async function pruneAll(cli: Cli, { dryRun = false }: { dryRun?: boolean }): Promise<number> {
  const { pruned, failures } = await cli.client.service('gantry.doctor.v1.Doctor').Prune({ dryRun });
  const logs = await abandonedLogs(cli, { repair: !dryRun });
  const kept = logs.filter(({ repaired }) => !dryRun && !repaired);
  const gone = logs.filter((log) => !kept.includes(log));
  if (gone.length > 0) {
    const sizeBytes = gone.reduce((sum, log) => sum + log.sizeBytes, 0);
    pruned.push({ kind: 'log-without-container', count: gone.length, sizeBytes });
  }
  const problems = [...failures, ...kept];
  const totalBytes = pruned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (cli.json) printJson({ dryRun, pruned, totalBytes, failures: problems });
  else {
    const rows = pruned.map(({ kind, count, sizeBytes }) => [kind, String(count), formatSize(sizeBytes)]);
    process.stdout.write(formatTable([dryRun ? 'WOULD REMOVE' : 'REMOVED', 'COUNT', 'SIZE'], rows));
    process.stdout.write(`${formatSize(totalBytes)} ${dryRun ? 'would be' : 'are'} free\n`);
  }
  for (const { what, failure } of problems) process.stderr.write(`gantry: ${oneLine(`${what}: ${failure}`)}\n`);
  return problems.length === 0 ? 0 : 1;
}
