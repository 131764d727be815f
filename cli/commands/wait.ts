import type { Command } from 'commander';
import { Process } from '../../client/task/process.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import { act, type Cli } from '../action.ts';
import { forEach } from '../for-each.ts';

export function defineWait(command: Command): void {
  command.argument('<container...>', 'containers to wait for');
  act(command, (cli: Cli, _options: object, ids: string[]) =>
    forEach(
      cli,
      ids,
      async (id) => {
        const { status, exitedAt } = await new Process(cli.client, id).wait();
        return { id, exitStatus: status, exitedAt: exitedAt === null ? null : rfc3339FromTimestamp(exitedAt) };
      },
      ({ exitStatus }) => `${exitStatus}`,
    ),
  );
}
