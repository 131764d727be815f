import type { Command } from 'commander';
import { isKind, messageOf } from '../../base/errors.ts';
import type { Messages } from '../../proto/codec.ts';
import { act, type Cli } from '../action.ts';
import { abandonedLogs } from '../log/abandoned.ts';
import { printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { oneLine } from '../output/text.ts';
import { formatSize } from '../output/units.ts';
import { runningShims } from '../running-shims.ts';

type Finding = Messages['gantry.doctor.v1.Finding'];

/** Exit status when something is, or stays, wrong. */
const found = 3;

interface DoctorOptions {
  readonly repair?: boolean;
  readonly verify?: boolean;
}

export function defineDoctor(command: Command): void {
  command
    .option('--repair', 'take away or put right what is found')
    .option('--verify', 'read every blob and compare it with its digest');
  act(command, examine);
}

async function examine(cli: Cli, { repair = false, verify = false }: DoctorOptions): Promise<number> {
  const service = cli.client.service('gantry.doctor.v1.Doctor');
  let findings: Finding[];
  try {
    findings = (await service.Check({ repair, verify })).findings;
    findings.push(...(await abandonedLogs(cli, { repair })));
  } catch (error) {
    if (isKind(error, 'unavailable')) await tellWithoutDaemon(cli, messageOf(error));
    throw error;
  }
  if (cli.json) printJson({ findings: findings.map((finding) => shown(finding, repair)) });
  else printFindings(findings, repair);
  return findings.some(({ repaired }) => !repaired) ? found : 0;
}

/** The two fields about repairs only where one was asked for. */
function shown(finding: Finding, repair: boolean): object {
  const { kind, what, path, sizeBytes, advice, repaired, failure } = finding;
  return { kind, what, path, sizeBytes, advice, ...(repair ? { repaired, ...(failure ? { failure } : {}) } : {}) };
}

function printFindings(findings: readonly Finding[], repair: boolean): void {
  if (findings.length === 0) {
    process.stdout.write('nothing found\n');
    return;
  }
  const rows = findings.map((finding) => [
    finding.kind,
    finding.what,
    finding.path,
    finding.sizeBytes === 0 ? '' : formatSize(finding.sizeBytes),
    repair ? (finding.repaired ? 'repaired' : finding.failure) : finding.advice,
  ]);
  const last = repair ? 'RESULT' : 'ADVICE';
  process.stdout.write(formatTable(['KIND', 'WHAT', 'PATH', 'SIZE', last], rows));
}

/** What can be seen from outside: containers go on without the daemon. */
async function tellWithoutDaemon(cli: Cli, reason: string): Promise<void> {
  const shims = await runningShims(cli.address);
  if (cli.json) printJson({ findings: [], error: reason, runningShims: shims });
  else {
    for (const { pid, namespace, id } of shims) {
      process.stdout.write(oneLine(`shim ${pid} of container ${namespace}/${id} goes on without the daemon`));
      process.stdout.write('\n');
    }
  }
}
