import { setTimeout as sleep } from 'node:timers/promises';
import { isKind } from '../../base/errors.ts';
import { abortable } from '../../base/signals.ts';
import { Attached, type AttachedOutput } from '../../client/task/attached.ts';
import type { Exit, Process } from '../../client/task/process.ts';
import { DetachKeys } from './detach-keys.ts';
import type { SignalRelay } from './signals.ts';
import { rawTerminal, terminalSize } from './terminal.ts';

/** How long a shim may be away: another may be taking the container over. */
const outageMaxMs = 5_000;
const outagePauseMs = 50;

export interface AttachDetachedOptions {
  /** Of the attach socket. */
  readonly path: string;
  /** Whether the process is to get our standard input. */
  readonly input: boolean;
  /** Bytes that detach when they are typed. */
  readonly keys: Buffer;
}

/**
 * Sees a process that was started detached until it ends or we detach. Returns how it ended, undefined if we detached.
 * @throws GantryError not-found when there is nothing to attach to
 */
export async function attachDetached(
  started: Process,
  relay: SignalRelay,
  { path, input, keys }: AttachDetachedOptions,
): Promise<Exit | undefined> {
  const output: AttachedOutput = {
    stdout: process.stdout,
    stderr: process.stderr,
    onSkipped: (bytes) => process.stderr.write(`gantry: ${bytes} bytes of output were skipped: read too slowly\n`),
  };
  let attached: Attached | undefined = await Attached.connect(path, output, { replay: true });
  while (attached !== undefined) {
    using current = attached;
    const ending = await abortable(see(current, started, relay, { input, keys }), relay.signal);
    if (ending === 'detached') return undefined;
    if (ending === 'ended') break;
    attached = await comeBack(path, output);
  }
  return started.wait(relay);
}

async function see(
  attached: Attached,
  started: Process,
  relay: SignalRelay,
  { input, keys }: { input: boolean; keys: Buffer },
): Promise<'ended' | 'lost' | 'detached'> {
  const about = await attached.about;
  const isTyped = about.terminal && process.stdin.isTTY;
  using _size = about.terminal ? followSize(attached) : undefined;
  // On a terminal signals are keys, and one that comes all the same is for us.
  if (!about.terminal) relay.relayTo((signal) => started.kill(signal).catch(() => undefined));
  if (!input || !about.input) return await attached.over;
  using _raw = isTyped ? rawTerminal() : undefined;
  using feed = feedInput(attached, isTyped ? new DetachKeys(keys) : undefined);
  return await Promise.race([attached.over, feed.detached]);
}

/** Copies our standard input until disposed. Its end is not the end of the process's: others may write, or come back. */
function feedInput(attached: Attached, keys: DetachKeys | undefined): Disposable & { detached: Promise<'detached'> } {
  const { promise: detached, resolve } = Promise.withResolvers<'detached'>();
  const { stdin } = process;
  const onData = (typed: Buffer) => {
    const fed = keys?.feed(typed) ?? { pass: typed, detached: false };
    if (fed.detached) resolve('detached');
    if (attached.write(fed.pass)) return;
    stdin.pause();
    void attached.drained().then(() => stdin.resume());
  };
  stdin.on('data', onData).on('error', () => undefined);
  return {
    detached,
    [Symbol.dispose]: () => {
      stdin.off('data', onData).pause();
    },
  };
}

function followSize(attached: Attached): Disposable {
  const resize = () => {
    const size = terminalSize();
    if (size !== undefined) attached.resize(size);
  };
  resize();
  process.stdout.on('resize', resize);
  return { [Symbol.dispose]: () => process.stdout.off('resize', resize) };
}

/** Attaches again after the shim was lost; undefined when nothing comes back. */
async function comeBack(path: string, output: AttachedOutput): Promise<Attached | undefined> {
  const untilMs = Date.now() + outageMaxMs;
  while (Date.now() < untilMs) {
    try {
      return await Attached.connect(path, output, { replay: true });
    } catch (error) {
      if (!isKind(error, 'not-found') && !isKind(error, 'unavailable')) throw error;
    }
    await sleep(outagePauseMs);
  }
  return undefined;
}
