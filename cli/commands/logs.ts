import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { invalidArgument, isKind } from '../../base/errors.ts';
import { Process } from '../../client/task/process.ts';
import { act, type Cli } from '../action.ts';
import { findLog } from '../log/find.ts';
import { followFile } from '../log/follow.ts';
import { linesOf } from '../log/lines.ts';
import { LogPrinter } from '../log/print.ts';
import { readRotated } from '../log/rotated.ts';
import { printJsonLine } from '../output/print.ts';
import { parseSince } from '../values/since.ts';

const outagePauseMs = 500;

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly since?: string;
  readonly timestamps?: boolean;
}

export function defineLogs(command: Command): void {
  command
    .argument('<container>', 'a container that was started with run --detach')
    .option('-f, --follow', 'go on until the container ends')
    .option('--tail <lines>', 'begin with so many last lines')
    .option('--since <time>', 'leave out what is older: 2006-01-02T15:04:05Z, or how long ago, such as 10m')
    .option('-t, --timestamps', 'put the time before each line');
  act(command, printLog);
}

async function printLog(cli: Cli, options: LogsOptions, id: string): Promise<undefined> {
  const tail = options.tail === undefined ? undefined : parseCount(options.tail);
  const since = options.since === undefined ? undefined : parseSince(options.since, new Date());
  const { format, path } = await findLog(cli, id);
  const until = options.follow ? ended(cli, id) : undefined;
  if (format === 'raw') return printPlain(cli, path, options, until);
  const printer = new LogPrinter(format, { json: cli.json, timestamps: options.timestamps === true, since });
  for await (const lines of readRotated(path, { until, tail })) await printer.print(lines);
  printer.finish();
  return undefined;
}

/** A file of mere output, as other shims write it. */
async function printPlain(
  cli: Cli,
  path: string,
  { tail, since, timestamps }: LogsOptions,
  until: Promise<unknown> | undefined,
): Promise<undefined> {
  if (tail !== undefined || since !== undefined || timestamps) {
    throw invalidArgument('the log of this container is plain text: it has neither times nor records to count');
  }
  const bytes = followFile(path, until);
  if (cli.json) {
    for await (const line of linesOf(bytes)) printJsonLine({ line });
    return undefined;
  }
  for await (const chunk of bytes) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
  return undefined;
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalidArgument(`"${text}" is not a number of lines`);
  return Number(text);
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
