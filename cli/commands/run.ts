import type { Command } from 'commander';
import { GantryError, invalidArgument, isKind } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Client } from '../../client/client.ts';
import type { Container } from '../../client/container/container.ts';
import { type CreateOptions, createContainer } from '../../client/container/create.ts';
import { removeContainer } from '../../client/container/remove.ts';
import { logUriLabel } from '../../client/image/labels.ts';
import { familiarReference } from '../../client/image/reference.ts';
import { findImage, type ImageRecord } from '../../client/image/store.ts';
import { logStdio, startTask } from '../../client/task/start.ts';
import { act, type Cli } from '../action.ts';
import { attach } from '../attach/attach.ts';
import { SignalRelay } from '../attach/signals.ts';
import { checkTerminal, terminalSize } from '../attach/terminal.ts';
import { createLog, logPathOf, logUriOf, removeLog } from '../log/store.ts';
import { printJson } from '../output/print.ts';
import { Progress } from '../output/progress.ts';
import { reportExit } from '../output/report-exit.ts';
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
  if (detach && interactive) throw invalidArgument('--interactive and --detach exclude each other');
  if (!detach) checkTerminal({ terminal, interactive });
  using relay = new SignalRelay();
  const id = options.name ?? randomHex(6);
  const create = { ...toCreateOptions(options, id, await imageFor(cli, image), args), signal: relay.signal };
  if (detach) return runDetached(cli, create);
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

async function runDetached(cli: Cli, create: CreateOptions): Promise<number> {
  const path = logPathOf(cli, create.id);
  const uri = logUriOf(path);
  const container = await createShowingProgress(cli, { ...create, labels: { [logUriLabel]: uri } });
  await orRemove(cli.client, container, async () => {
    // Not before the id is known to be ours: an older container's log has the same path.
    await createLog(path);
    await startTask(cli.client, container, logStdio(uri, create.terminal === true));
  });
  if (cli.json) printJson({ id: container.id });
  else process.stdout.write(`${container.id}\n`);
  return 0;
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

async function createShowingProgress(cli: Cli, create: CreateOptions): Promise<Container> {
  using progress = new Progress(cli);
  const name = typeof create.image === 'string' ? create.image : familiarReference(create.image.name);
  const onLayer = (layer: number, total: number) =>
    progress.show(`unpacking ${name}: layer ${layer} of ${total}`, true);
  return createContainer(cli.client, { ...create, onLayer });
}

/** A container whose process never came to be is of no use to anyone. */
async function orRemove<T>(
  client: Client,
  container: Container,
  work: (onStarted: () => void) => Promise<T>,
): Promise<T> {
  let isStarted = false;
  try {
    return await work(() => {
      isStarted = true;
    });
  } catch (error) {
    if (!isStarted) {
      await removeContainer(client, container.id, { force: true }).catch(() => undefined);
      await removeLog(container.labels[logUriLabel]);
    }
    throw error;
  }
}
