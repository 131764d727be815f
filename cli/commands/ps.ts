import type { Command } from 'commander';
import { type Container, listContainers } from '../../client/container/container.ts';
import { familiarReference } from '../../image/reference.ts';
import type { Messages } from '../../proto/codec.ts';
import { dateFromTimestamp, rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import { act, type Cli } from '../action.ts';
import { printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { formatAge } from '../output/units.ts';

const commandMaxLength = 30;

type Task = Messages['containerd.v1.types.Process'];
interface Row {
  readonly container: Container;
  /** Undefined when nothing was ever started, or the task was deleted. */
  readonly task: Task | undefined;
}

export function definePs(command: Command): void {
  command.option('-a, --all', 'also those that do not run');
  act(command, printContainers);
}

async function printContainers(cli: Cli, { all }: { all?: boolean }): Promise<undefined> {
  const { tasks } = await cli.client.service('containerd.services.tasks.v1.Tasks').List({});
  const tasksById = new Map(tasks.map((task) => [task.id, task]));
  const rows: Row[] = [];
  for await (const container of listContainers(cli.client)) {
    const task = tasksById.get(container.id);
    if (all || isAlive(task)) rows.push({ container, task });
  }
  rows.sort((a, b) => (b.container.createdAt?.seconds ?? 0) - (a.container.createdAt?.seconds ?? 0));
  if (cli.json) printJson(rows.map(toJson));
  else
    process.stdout.write(formatTable(['CONTAINER', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PID'], rows.map(toCells)));
  return undefined;
}

function isAlive(task: Task | undefined): boolean {
  return task?.status === 'RUNNING' || task?.status === 'PAUSED' || task?.status === 'PAUSING';
}

function toCells({ container, task }: Row): string[] {
  const command = container.spec?.process.args.join(' ') ?? '';
  return [
    container.id,
    familiarReference(container.image),
    command.length > commandMaxLength ? `${command.slice(0, commandMaxLength - 1)}…` : command,
    container.createdAt === null ? '' : formatAge(dateFromTimestamp(container.createdAt)),
    statusText(task),
    isAlive(task) ? String(task?.pid) : '',
  ];
}

function statusText(task: Task | undefined): string {
  if (task?.status !== 'STOPPED') return statusOf(task);
  const age = task.exitedAt === null ? '' : ` ${formatAge(dateFromTimestamp(task.exitedAt))}`;
  return `exited (${task.exitStatus})${age}`;
}

/** `created` also covers a container that has no task. */
function statusOf(task: Task | undefined): string {
  return (task?.status ?? 'CREATED').toLowerCase();
}

function toJson({ container, task }: Row): object {
  const hasEnded = task?.status === 'STOPPED';
  return {
    id: container.id,
    image: container.image,
    command: container.spec?.process.args ?? [],
    createdAt: container.createdAt === null ? null : rfc3339FromTimestamp(container.createdAt),
    status: statusOf(task),
    pid: isAlive(task) ? task?.pid : null,
    exitStatus: hasEnded ? task.exitStatus : null,
    exitedAt: hasEnded && task.exitedAt !== null ? rfc3339FromTimestamp(task.exitedAt) : null,
    labels: container.labels,
  };
}
