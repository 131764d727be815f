import type { Command } from 'commander';
import { GantryError, invalidArgument, isKind } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { removeContainer } from '../../client/container/remove.ts';
import { findImage, type ImageRecord } from '../../client/image/store.ts';
import { startTask } from '../../client/task/start.ts';
import { act, type Cli } from '../action.ts';
import { attach } from '../attach/attach.ts';
import { SignalRelay } from '../attach/signals.ts';
import { checkTerminal, terminalSize } from '../attach/terminal.ts';
import { reportExit } from '../output/report-exit.ts';
import { createShowingProgress, orRemove } from '../run-container.ts';
import { runDetached } from '../run-detached.ts';
import { addRunOptions, type RunOptions, toCreateOptions } from '../run-options.ts';
import { failOnUsage, toStartFailure } from '../start-failure.ts';

export function defineRun(command: Command): void {
  command.argument('<image>', 'name of an image in the store').argument('[command...]', "instead of the image's own");
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
  const create = { ...toCreateOptions(options, id, await imageFor(cli, image), args), signal: relay.signal };
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

/** Images come by import, not by themselves; whoever expects them to is told. */
async function imageFor(cli: Cli, reference: string): Promise<ImageRecord> {
  try {
    return await findImage(cli.client, reference);
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error;
    const hint = '"gantry images" lists what there is, "gantry import" adds to it';
    throw new GantryError('not-found', `${error.message} in namespace ${cli.namespace}; ${hint}`, { cause: error });
  }
}
