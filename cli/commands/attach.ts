import type { Command } from 'commander';
import { failedPrecondition } from '../../base/errors.ts';
import { Process } from '../../client/task/process.ts';
import { act, type Cli } from '../action.ts';
import { attachDetached } from '../attach/attach-detached.ts';
import { defaultDetachKeys, parseDetachKeys } from '../attach/detach-keys.ts';
import { SignalRelay } from '../attach/signals.ts';
import { findLog } from '../log/find.ts';
import { reportExit } from '../output/report-exit.ts';

interface AttachOptions {
  readonly stdin: boolean;
  readonly detachKeys: string;
}

export function defineAttach(command: Command): void {
  command
    .argument('<container>', 'a container that was started with run --detach')
    .option('--no-stdin', 'only look: do not write what is typed here')
    .option('--detach-keys <keys>', 'keys that detach from a terminal', defaultDetachKeys);
  act(command, attachTo);
}

async function attachTo(cli: Cli, { stdin, detachKeys }: AttachOptions, id: string): Promise<number> {
  const keys = parseDetachKeys(detachKeys);
  const { attachPath } = await findLog(cli, id);
  if (attachPath === undefined) throw failedPrecondition(`container "${id}": its shim has no attach socket`);
  using relay = new SignalRelay();
  const exit = await attachDetached(new Process(cli.client, id), relay, { path: attachPath, input: stdin, keys });
  if (exit === undefined) return 0;
  reportExit(cli, id, exit);
  return exit.status;
}
