import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { isKind, notFound } from '../../base/errors.ts';
import { getContainer } from '../../client/container/container.ts';
import { logUriLabel } from '../../client/image/labels.ts';
import { Process } from '../../client/task/process.ts';
import { act, type Cli } from '../action.ts';
import { followFile } from '../log/follow.ts';
import { linesOf } from '../log/lines.ts';
import { logPathOf, pathOfLogUri } from '../log/store.ts';
import { printJsonLine } from '../output/print.ts';

/** A daemon that is slow to say where the log is must not keep us from showing it. */
const lookupTimeoutMs = 2_000;
const outagePauseMs = 500;

export function defineLogs(command: Command): void {
  command.argument('<container>', 'a container that was started with run --detach');
  command.option('-f, --follow', 'go on until the container ends');
  act(command, printLog);
}

async function printLog(cli: Cli, { follow }: { follow?: boolean }, id: string): Promise<undefined> {
  const path = await findLog(cli, id);
  const bytes = followFile(path, follow ? ended(cli, id) : undefined);
  if (cli.json) {
    for await (const line of linesOf(bytes)) printJsonLine({ line });
    return undefined;
  }
  for await (const chunk of bytes) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
  return undefined;
}

/** By the container's label, or, while the daemon cannot be asked, by where this program would have put it. */
async function findLog(cli: Cli, id: string): Promise<string> {
  const path = await labelledPath(cli, id);
  if (path === undefined || !existsSync(path)) {
    throw notFound(`container "${id}": has no log; only containers started with run --detach have one`);
  }
  return path;
}

async function labelledPath(cli: Cli, id: string): Promise<string | undefined> {
  try {
    const { labels } = await getContainer(cli.client, id, { timeoutMs: lookupTimeoutMs });
    const uri = labels[logUriLabel];
    return uri === undefined ? undefined : pathOfLogUri(uri);
  } catch (error) {
    const path = logPathOf(cli, id);
    const isSilent = isKind(error, 'unavailable') || isKind(error, 'deadline-exceeded');
    if (isSilent && existsSync(path)) return path;
    throw error;
  }
}

/** Settles when the container's process has ended or its task is gone, however long the daemon is away meanwhile. */
async function ended(cli: Cli, id: string): Promise<void> {
  const task = new Process(cli.client, id);
  for (;;) {
    try {
      await task.wait();
      return;
    } catch (error) {
      if (!isKind(error, 'unavailable') && !isKind(error, 'canceled')) return;
      await sleep(outagePauseMs);
    }
  }
}
