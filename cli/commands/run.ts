import type { Command } from 'commander';
import { invalidArgument } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { removeContainer } from '../../client/container/remove.ts';
import { startTask } from '../../client/task/start.ts';
import { act, type Cli } from '../action.ts';
import { attach } from '../attach/attach.ts';
import { SignalRelay } from '../attach/signals.ts';
import { checkTerminal, terminalSize } from '../attach/terminal.ts';
import { reportExit } from '../output/report-exit.ts';
import { createShowingProgress, orRemove } from '../run-container.ts';
import { runDetached } from '../run-detached.ts';
import { imageFor, parsePullPolicy } from '../run-image.ts';
import { addRunOptions, type RunOptions, toCreateOptions } from '../run-options.ts';
import { failOnUsage, toStartFailure } from '../start-failure.ts';

export function defineRun(command: Command): void {
  command
    .argument('<image>', 'name of an image, pulled if it is not in the store')
    .argument('[command...]', "instead of the image's own");
  addRunOptions(command.passThroughOptions());
  failOnUsage(command);
  act(command, run, toStartFailure);
}

async function run(cli: Cli, options: RunOptions, image: string, args: string[]): Promise<number> {
  const { detach = false, rm = false, tty: terminal = false, interactive = false } = options;
  if (detach && rm) throw invalidArgument('--rm and --detach exclude each other: nobody would be left to remove it');
  if (!detach) checkTerminal({ terminal, interactive });
  using relay = new SignalRelay();
  const id = options.name ?? randomHex(6);
  const record = await imageFor(cli, image, parsePullPolicy(options.pull), relay);
  const create = { ...toCreateOptions(options, id, record, args), signal: relay.signal };
  if (detach) return runDetached(cli, create, options);
  const container = await createShowingProgress(cli, { ...create, terminal: terminal && (terminalSize() ?? true) });
  const exit = await orRemove(cli.client, container, (onStarted) =>
    attach(cli.client, { terminal, interactive }, relay, async (stdio) => {
      const started = await startTask(cli.client, container, stdio, relay);
      onStarted();
      return started;
    }),
  );
  if (rm) await removeContainer(cli.client, id, { force: true });
  reportExit(cli, id, exit);
  return exit.status;
}
