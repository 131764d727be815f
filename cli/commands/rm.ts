import type { Command } from 'commander';
import { removeContainer } from '../../client/container/remove.ts';
import { logUriLabel } from '../../client/image/labels.ts';
import { act, type Cli } from '../action.ts';
import { forEach } from '../for-each.ts';
import { removeLog } from '../log/store.ts';

export function defineRm(command: Command): void {
  command.argument('<container...>', 'containers to remove, with their file systems and logs');
  command.option('-f, --force', 'kill those that run first');
  act(command, (cli: Cli, { force }: { force?: boolean }, ids: string[]) =>
    forEach(
      cli,
      ids,
      async (id) => {
        const { labels } = await removeContainer(cli.client, id, { force });
        await removeLog(labels[logUriLabel]);
        return { id };
      },
      ({ id }) => id,
    ),
  );
}
