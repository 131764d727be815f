import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import { throughProcessors } from './run-processors.ts';
import type { ProcessorStep } from './stream-processors.ts';

async function blobOf(content: string | Buffer) {
  const directory = await mkdtemp(join(tmpdir(), 'gp-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'blob');
  await writeFile(path, content);
  return { path, directory };
}

/** A step that runs a shell script. */
function step(script: string, id = 'sh'): ProcessorStep {
  const env = ['GREETING=hello=there'];
  const processor = { id, accepts: ['in'], returns: 'out', path: 'sh', args: ['-c', script], env };
  return { processor, mediaType: 'in' };
}

const none = new Map<string, Uint8Array>();
const readAll = (fd: number) => readFile(`/proc/self/fd/${fd}`);
const descriptors = async () => (await readdir('/proc/self/fd')).length;

test('programs read one from the other, know the media type and get their payload', async () => {
  const { path } = await blobOf(Buffer.alloc(3_000_000, 'abc'));
  const before = await descriptors();
  const payloads = new Map([['first', Buffer.alloc(200_000, 'p')]]);
  const steps = [
    step('cat; echo "$STREAM_PROCESSOR_MEDIATYPE $GREETING"; wc -c <&3', 'first'),
    step('tr a-z A-Z; test ! -e /proc/self/fd/3 && echo no payload', 'second'),
  ];
  const out = await throughProcessors(sys, { source: { path }, steps, payloads }, readAll);
  expect(out.length).toBe(3_000_000 + 'IN HELLO=THERE\n200000\nno payload\n'.length);
  expect(out.subarray(3_000_000).toString()).toBe('IN HELLO=THERE\n200000\nno payload\n');
  expect(await descriptors()).toBe(before);
});

test('a program that fails says why, whatever was made of its output', async () => {
  const { path } = await blobOf('layer');
  const blob = {
    source: { path },
    steps: [step('head -c 2; echo wrong key >&2; exit 3', 'decoder'), step('cat')],
    payloads: none,
  };
  await expect(throughProcessors(sys, blob, readAll)).rejects.toThrow(
    'stream processor decoder: wrong key (exit status 3)',
  );
  const truncated = throughProcessors(sys, blob, async (fd) => {
    await readAll(fd);
    throw new Error('truncated archive');
  });
  await expect(truncated).rejects.toMatchObject({
    message: expect.stringContaining('wrong key'),
    cause: { message: 'truncated archive' },
  });
});

test('a program that is missing is an error and leaves no other behind', async () => {
  const { path } = await blobOf('layer');
  const missing = step('');
  const steps = [step('cat'), { ...missing, processor: { ...missing.processor, path: '/no/such/program' } }];
  await expect(throughProcessors(sys, { source: { path }, steps, payloads: none }, readAll)).rejects.toThrow(
    'stream processor sh: cannot start /no/such/program',
  );
});

test('when the layer is refused, programs that go on are ended and the refusal is told', async () => {
  const { path } = await blobOf('layer');
  const refuse = async () => {
    throw new Error('refused');
  };
  const blob = (script: string) => ({ source: { path }, steps: [step(script)], payloads: none });
  await expect(throughProcessors(sys, blob('exec yes'), refuse)).rejects.toThrow('refused');
  await expect(throughProcessors(sys, blob('exec sleep 1000'), refuse)).rejects.toThrow('refused');
});

test('giving up ends the programs', async () => {
  const { path } = await blobOf('layer');
  const stop = new AbortController();
  const blob = { source: { path }, steps: [step('echo started; exec sleep 1000')], payloads: none };
  const body = async (fd: number) => {
    stop.abort(new Error('given up'));
    return readAll(fd);
  };
  await expect(throughProcessors(sys, blob, body, { signal: stop.signal })).rejects.toThrow('given up');
});
