import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { createContainer, removeContainer, startTask } from '../../client/index.ts';
import { Sink } from '../faults/sink.ts';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

const id = 'paths';
const args = ['sh', '-c', 'echo out; echo err >&2; cat'];

/** How a container ends whose standard streams are these paths: with its status, or refused with a code. */
async function outcome({ client }: Side, stdin: string, stdout: string, stderr: string): Promise<string> {
  const container = await createContainer(client, { id, image, args });
  try {
    const paths = { stdin, stdout, stderr, terminal: false };
    const task = await startTask(client, container, { paths }, { timeoutMs: 20_000 });
    return `exit ${(await task.wait({ signal: AbortSignal.timeout(20_000) })).status}`;
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    return error.kind;
  } finally {
    await removeContainer(client, id, { force: true });
  }
}

/** A folder with one of each kind of path, and links to them. */
function folderOf(side: Side): (name: string) => string {
  const folder = mkdtempSync(join(side.daemon.folder, 'paths-'));
  const at = (name: string) => join(folder, name);
  mkdirSync(at('folder'));
  writeFileSync(at('file'), 'before\n');
  writeFileSync(at('input'), 'input\n');
  execFileSync('mkfifo', [at('pipe')]);
  for (const name of ['file', 'input', 'pipe', 'folder', 'nowhere']) symlinkSync(name, at(`${name}-link`));
  return at;
}

/** Of ours alone: containerd's shim at times ends before it has copied the last of two streams into one file. */
function checkLines({ kind }: Side, path: string, lines: readonly string[]): void {
  if (kind === 'gantryd') expect(readFileSync(path, 'utf8').split('\n').toSorted()).toEqual(['', ...lines]);
}

scenario('output to a path that is no pipe', async (side) => {
  const at = folderOf(side);
  const found: Record<string, string> = {};
  for (const name of ['file', 'file-link', 'folder', 'folder-link', 'nowhere', 'nowhere-link']) {
    found[name] = await outcome(side, '', at(name), at(name));
  }
  found['null'] = await outcome(side, '', '/dev/null', '/dev/null');
  checkLines(side, at('file'), ['before', 'err', 'err', 'out', 'out']);
  return { found };
});

scenario('input from a path that is no pipe', async (side) => {
  const at = folderOf(side);
  const found: Record<string, string> = {};
  for (const name of ['input', 'input-link', 'folder', 'nowhere', 'nowhere-link']) {
    found[name] = await outcome(side, at(name), at('file'), at('file'));
  }
  found['null'] = await outcome(side, '/dev/null', '/dev/null', '/dev/null');
  checkLines(side, at('file'), ['before', 'err', 'err', 'err', 'input', 'input', 'out', 'out', 'out']);
  return { found };
});

scenario('output to a link to a pipe', async (side) => {
  const at = folderOf(side);
  using sink = new Sink(at('pipe'));
  const found = await outcome(side, at('input-link'), at('pipe-link'), at('pipe-link'));
  const lines = await eventually(() => {
    if (sink.lines.length < 3) throw new Error(`${sink.lines.length} lines`);
    return sink.lines.toSorted();
  });
  return { found, lines };
});
