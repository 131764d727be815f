import type { Command } from 'commander';
import { invalidArgument } from '../../base/errors.ts';
import { execInContainer } from '../../client/container/exec.ts';
import type { Process } from '../../client/task/process.ts';
import { act, type Cli } from '../action.ts';
import { attach } from '../attach/attach.ts';
import { SignalRelay } from '../attach/signals.ts';
import { checkTerminal, terminalSize } from '../attach/terminal.ts';
import { printJson } from '../output/print.ts';
import { reportExit } from '../output/report-exit.ts';
import { failOnUsage, toStartFailure } from '../start-failure.ts';
import { parseEnv } from '../values/env.ts';

interface ExecOptions {
  readonly tty?: boolean;
  readonly interactive?: boolean;
  readonly detach?: boolean;
  readonly user?: string;
  readonly workdir?: string;
  readonly env?: string[];
}

const noStdio = { paths: { stdin: '', stdout: '', stderr: '', terminal: false } };

export function defineExec(command: Command): void {
  command
    .argument('<container>', 'a container that runs')
    .argument('<command...>', 'what to run in it')
    .passThroughOptions()
    .option('-t, --tty', 'give it a terminal')
    .option('-i, --interactive', 'let it read our standard input')
    .option('-d, --detach', 'do not wait for it; its output is dropped')
    .option('-u, --user <user>', "user[:group] by name or number, the container's without it")
    .option('-w, --workdir <path>', "working directory, the container's without it")
    .option(
      '-e, --env <entry>',
      'KEY=value, or KEY to take it from here; repeatable',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    );
  failOnUsage(command);
  act(command, exec, toStartFailure);
}

async function exec(cli: Cli, options: ExecOptions, id: string, args: string[]): Promise<number> {
  const { tty: terminal = false, interactive = false, detach = false, user, workdir } = options;
  const common = { args, user, cwd: workdir, env: parseEnv(options.env ?? [], process.env) };
  if (detach) {
    if (terminal || interactive) throw invalidArgument('--detach excludes --tty and --interactive');
    const { execId } = await execInContainer(cli.client, id, noStdio, common);
    if (cli.json) printJson({ id, execId });
    return 0;
  }
  checkTerminal({ terminal, interactive });
  using relay = new SignalRelay();
  const { signal } = relay;
  const size = terminal && (terminalSize() ?? true);
  let started: Process | undefined;
  const exit = await attach(cli.client, { terminal, interactive }, relay, async (stdio) => {
    started = await execInContainer(cli.client, id, stdio, { ...common, signal, terminal: size });
    return started;
  });
  // Its container may have ended with it, and everything of it been removed.
  await started?.delete().catch(() => undefined);
  reportExit(cli, id, exit);
  return exit.status;
}
