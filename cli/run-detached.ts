import { failedPrecondition, invalidArgument, messageOf } from '../base/errors.ts';
import type { Container } from '../client/container/container.ts';
import type { CreateOptions } from '../client/container/create.ts';
import { logUriLabel } from '../client/image/labels.ts';
import { logStdio, startTask } from '../client/task/start.ts';
import type { Cli } from './action.ts';
import { attachPathOf, createLog, logPathOf } from './log/store.ts';
import { fileLogUri, jsonLogUri } from './log/uri.ts';
import { printJson } from './output/print.ts';
import { createShowingProgress, orRemove } from './run-container.ts';
import type { RunOptions } from './run-options.ts';
import { parseSize } from './values/size.ts';

const logFilesMax = 1_000;

/** Runs a container whose output goes to a log of its own, and prints its id. */
export async function runDetached(cli: Cli, create: CreateOptions, options: RunOptions): Promise<number> {
  const path = logPathOf(cli, create.id);
  const uri = jsonLogUri({ path, attachPath: attachPathOf(cli, create.id), ...readLimits(options) });
  const container = await createShowingProgress(cli, { ...create, labels: { [logUriLabel]: uri } });
  await orRemove(cli.client, container, async () => {
    // Not before the id is known to be ours: an older container's log has the same path.
    await createLog(path);
    const { tty: terminal = false, interactive: input = false } = options;
    try {
      await startTask(cli.client, container, logStdio(uri, { terminal, input }));
    } catch (error) {
      if (!/unknown STDIO scheme/.test(messageOf(error))) throw error;
      await startPlain(cli, container, path, { terminal, input });
    }
  });
  if (cli.json) printJson({ id: container.id });
  else process.stdout.write(`${container.id}\n`);
  return 0;
}

/** With a shim that is not ours: its only log is a plain file. */
async function startPlain(
  cli: Cli,
  container: Container,
  path: string,
  { terminal, input }: { terminal: boolean; input: boolean },
): Promise<void> {
  if (input) throw failedPrecondition('--interactive and --detach exclude each other unless the shim is ours');
  const uri = fileLogUri(path);
  const { id } = container;
  const containers = cli.client.service('containerd.services.containers.v1.Containers');
  const labels = { [logUriLabel]: uri };
  await containers.Update({ container: { id, labels }, updateMask: { paths: [`labels.${logUriLabel}`] } });
  await startTask(cli.client, container, logStdio(uri, { terminal }));
}

function readLimits({ logSize = '', logFiles = '' }: RunOptions): { maxSizeBytes: number; maxFiles: number } {
  const maxFiles = /^\d{1,4}$/.test(logFiles) ? Number(logFiles) : 0;
  if (maxFiles < 1 || maxFiles > logFilesMax) {
    throw invalidArgument(`"${logFiles}" is not a number of files from 1 to ${logFilesMax}`);
  }
  return { maxSizeBytes: parseSize(logSize), maxFiles };
}
