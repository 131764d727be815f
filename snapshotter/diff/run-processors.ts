import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { GantryError, messageOf } from '../../base/errors.ts';
import type { Pipe, PipeEnd } from '../../native/sys.ts';
import type { ProcessorStep } from './stream-processors.ts';

export interface ProcessorDeps {
  makePipe(): Pipe;
}

export interface ProcessedBlob {
  /** Its file, or a descriptor, which stays the caller's. */
  readonly source: { readonly path: string } | { readonly fd: number };
  readonly steps: readonly ProcessorStep[];
  /** What is meant for a processor, by its id: an encoded `google.protobuf.Any`. */
  readonly payloads: ReadonlyMap<string, Uint8Array>;
}

interface Running {
  readonly step: ProcessorStep;
  readonly child: ChildProcess;
  /** How it ended; '' for well. */
  readonly ended: Promise<string>;
}

/** Where a program finds its payload; the media type that it reads is in its environment. */
const payloadFd = 3;
const mediaTypeVariable = 'STREAM_PROCESSOR_MEDIATYPE';
/** Once nobody reads its output a program should end by itself, and say why if it was the first to fail. */
const graceMs = 1_000;
const stderrMaxChars = 4_096;

/**
 * Runs programs as containerd does, each reading what the one before it writes and the first one the blob, and `body` with
 * a descriptor of what the last one writes. All of them have ended when it resolves or rejects.
 * @throws GantryError for a program that fails, with what it said; what that made of `body` is the cause
 */
export async function throughProcessors<T>(
  deps: ProcessorDeps,
  blob: ProcessedBlob,
  body: (fd: number) => Promise<T>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const running: Running[] = [];
  let input = await opened(blob.source);
  const kill = () => running.forEach(({ child }) => void child.kill('SIGKILL'));
  signal?.addEventListener('abort', kill, { once: true });
  let result: { readonly value: T } | { readonly error: unknown };
  try {
    for (const step of blob.steps) {
      const { reader, writer } = deps.makePipe();
      try {
        running.push(await start(step, input.fd, writer.fd, blob.payloads.get(step.processor.id)));
      } finally {
        writer.close();
        await input.close();
        input = reader;
      }
    }
    signal?.throwIfAborted();
    result = { value: await body(input.fd) };
  } catch (error) {
    result = { error };
  }
  await input.close();
  const timer = setTimeout(kill, 'error' in result ? graceMs : 2 ** 31 - 1);
  const failures = await Promise.all(running.map(async ({ step, ended }) => ({ step, how: await ended })));
  clearTimeout(timer);
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  // A program whose output nobody reads any more ends by that signal, which a shell tells as 141, or with that error,
  // whatever was wrong.
  const failed = failures.find(({ how }) => how !== '' && !/SIGPIPE|SIGKILL|broken pipe|exit status 141$/i.test(how));
  if (failed !== undefined) throw failure(failed, 'error' in result ? result.error : undefined);
  if ('error' in result) throw result.error;
  return result.value;
}

type Input = PipeEnd | FileHandle | { readonly fd: number; close(): void };

async function opened(source: ProcessedBlob['source']): Promise<Input> {
  return 'path' in source ? open(source.path) : { fd: source.fd, close: () => undefined };
}

async function start(
  { processor, mediaType }: ProcessorStep,
  stdin: number,
  stdout: number,
  payload: Uint8Array | undefined,
): Promise<Running> {
  const { id, path, args, env } = processor;
  const added = Object.fromEntries(env.map((entry) => splitAt(entry, entry.indexOf('='))));
  const child = spawn(path, args, {
    env: { ...process.env, ...added, [mediaTypeVariable]: mediaType },
    stdio: [stdin, stdout, 'pipe', ...(payload === undefined ? [] : (['pipe'] as const))],
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new GantryError('unknown', `stream processor ${id}: cannot start ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (payload !== undefined) give(child.stdio[payloadFd] as Writable, payload);
  return { step: { processor, mediaType }, child, ended: endOf(child) };
}

/** A program need not want its payload. */
function give(stream: Writable, payload: Uint8Array): void {
  stream.on('error', () => undefined);
  stream.end(payload);
}

async function endOf(child: ChildProcess): Promise<string> {
  let said = '';
  (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-stderrMaxChars);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0) return '';
  const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
  return said.trim() === '' ? how : `${said.trim()} (${how})`;
}

function failure({ step, how }: { step: ProcessorStep; how: string }, cause: unknown): GantryError {
  return new GantryError('unknown', `stream processor ${step.processor.id}: ${how}`, { cause });
}

function splitAt(text: string, at: number): [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
