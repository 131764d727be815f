import type { Command } from 'commander';
import { Process } from '../../client/task/process.ts';
import { act, type Cli } from '../action.ts';
import { forEach } from '../for-each.ts';
import { parseSignal } from '../values/signal.ts';

export function defineKill(command: Command): void {
  command.argument('<container...>', 'containers to send the signal to');
  command.option('-s, --signal <signal>', 'name or number of the signal', 'SIGKILL');
  command.option('--all', 'send it to every process of the container, not only the first');
  act(command, async (cli: Cli, options: { signal: string; all?: boolean }, ids: string[]) => {
    const signal = parseSignal(options.signal);
    return forEach(
      cli,
      ids,
      async (id) => {
        await new Process(cli.client, id).kill(signal, { all: options.all ?? false });
        return { id };
      },
      ({ id }) => id,
    );
  });
}
