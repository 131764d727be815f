import { constants } from 'node:os';
import type { Client } from '../../client/client.ts';
import { ProcessIo } from '../../client/task/io.ts';
import type { Exit, Process } from '../../client/task/process.ts';
import type { Stdio } from '../../client/task/start.ts';
import type { SignalRelay } from './signals.ts';
import { rawTerminal, terminalSize } from './terminal.ts';

const sigpipeStatus = 128 + constants.signals.SIGPIPE;

export interface AttachOptions {
  readonly terminal: boolean;
  readonly interactive: boolean;
}

/**
 * Starts a process with our standard streams and sees it through to its end: input, output, signals and the terminal's
 * size go where they belong, and all output is written before this returns.
 */
export async function attach(
  client: Client,
  { terminal, interactive }: AttachOptions,
  relay: SignalRelay,
  start: (stdio: Stdio) => Promise<Process>,
): Promise<Exit> {
  const stdin = interactive ? process.stdin : undefined;
  // First to be there and last to go: the process may print before we know that it has started.
  using pipe = watchForBrokenPipe();
  await using io = await ProcessIo.create(client, { stdin, stdout: process.stdout, stderr: process.stderr, terminal });
  using _raw = terminal && interactive ? rawTerminal() : undefined;
  relay.hold();
  const started = await start(io);
  relay.relayTo((signal) => ignoreFailure(started.kill(signal)));
  pipe.endInstead(started);
  using _size = terminal ? followSize(started) : undefined;
  const exit = await started.wait();
  await io.drained();
  return pipe.isBroken() ? { ...exit, status: sigpipeStatus } : exit;
}

/** Keeps the size of the process's terminal equal to ours. */
function followSize(started: Process): Disposable {
  const resize = () => {
    const size = terminalSize();
    if (size !== undefined) ignoreFailure(started.resize(size));
  };
  // It may have changed since the process was told its first size.
  resize();
  process.stdout.on('resize', resize);
  return { [Symbol.dispose]: () => process.stdout.off('resize', resize) };
}

/** Does to the container's process what the kernel would do to a local one whose reader has gone. */
function watchForBrokenPipe(): Disposable & { endInstead(started: Process): void; isBroken(): boolean } {
  let broken = false;
  let target: Process | undefined;
  const end = () => {
    // A first process cannot be ended by SIGPIPE unless it has a handler.
    if (target !== undefined) ignoreFailure(target.kill(constants.signals.SIGKILL));
  };
  const onError = ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE' || broken) return;
    broken = true;
    end();
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onError);
  return {
    endInstead: (started) => {
      target = started;
      if (broken) end();
    },
    isBroken: () => broken,
    [Symbol.dispose]: () => {
      for (const stream of [process.stdout, process.stderr]) stream.off('error', onError);
    },
  };
}

/** The process may end at any time; a call that comes too late is no error. */
function ignoreFailure(work: Promise<void>): void {
  work.catch(() => undefined);
}
