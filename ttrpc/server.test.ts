import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GantryError } from '../base/errors.ts';
import type { CallContext } from '../proto/call-context.ts';
import { decode, encode, type Init, type Messages } from '../proto/codec.ts';
import { implement } from '../proto/handler.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { connect } from './client.ts';
import { encodeFrame, FrameDecoder, FrameType, MAX_DATA_BYTES } from './frame.ts';
import { TtrpcServer } from './server.ts';

const EVENTS = 'containerd.services.events.ttrpc.v1.Events';
const TASK = 'containerd.task.v2.Task';

let folder: string;
let path: string;
let server: TtrpcServer;
let contexts: CallContext[];
let gate: PromiseWithResolvers<void>;
const report = vi.fn();

/** What the handlers do, by container id. */
async function state({ id }: { id: string }, ctx: CallContext) {
  contexts.push(ctx);
  if (id === 'missing') throw new GantryError('not-found', `container ${id}`);
  if (id === 'bug') throw new TypeError('boom');
  if (id === 'long') return { bundle: 'x'.repeat(MAX_DATA_BYTES) };
  if (id === 'hang')
    await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
  if (id === 'gate') await gate.promise;
  return { id, pid: 42 };
}

beforeEach(async () => {
  contexts = [];
  gate = Promise.withResolvers();
  report.mockReset();
  folder = mkdtempSync('/tmp/gt-');
  path = join(folder, 's');
  const services = [
    implement(TASK, { State: state }),
    implement(EVENTS, { Forward: async () => ({}) }),
    implement('containerd.services.content.v1.Content', {}),
  ];
  server = new TtrpcServer(services, { report });
  await server.listen(path);
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends raw bytes and collects the statuses that come back, by stream id. */
async function raw(bytes: Buffer, answers: number): Promise<[number, number | undefined, string | undefined][]> {
  const socket: Socket = connectSocket(path);
  const decoder = new FrameDecoder();
  const seen: [number, number | undefined, string | undefined][] = [];
  socket.write(bytes);
  for await (const chunk of socket) {
    for (const frame of decoder.push(chunk as Buffer)) {
      const { status } = decode('ttrpc.Response', frame.data);
      seen.push([frame.streamId, status?.code, status?.message]);
    }
    if (seen.length >= answers) break;
  }
  return seen;
}

function requestFrame(streamId: number, request: Init<Messages['ttrpc.Request']>, flags = 0): Buffer {
  return encodeFrame(streamId, FrameType.request, flags, encode('ttrpc.Request', request));
}

const stateFrame = (streamId: number) => requestFrame(streamId, { service: TASK, method: 'State' });

test('a call runs with its headers', async () => {
  await using client = await connect(path);
  const options = { namespace: 'ns', metadata: { other: 'x' } };
  expect(await client.call(TASK, 'State', { id: 'c' }, options)).toMatchObject({ id: 'c', pid: 42 });
  expect(await client.call(EVENTS, 'Forward', {})).toEqual({});
  const [ctx] = contexts;
  expect(ctx).toMatchObject({ namespace: 'ns', leaseId: undefined, method: `/${TASK}/State` });
  expect([ctx?.header('other'), ctx?.header('none')]).toEqual(['x', undefined]);
});

test('errors become statuses, bugs are reported once, and the connection lives on', async () => {
  await using client = await connect(path);
  await expect(client.call(TASK, 'State', { id: 'missing' })).rejects.toMatchObject({
    kind: 'not-found',
    message: 'container missing: not found',
  });
  expect(report).not.toHaveBeenCalled();
  await expect(client.call(TASK, 'State', { id: 'bug' })).rejects.toMatchObject({ kind: 'internal' });
  expect(report).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError), `/${TASK}/State`);
  await expect(client.call(TASK, 'State', { id: 'long' })).rejects.toMatchObject({ kind: 'resource-exhausted' });
  expect((await client.call(TASK, 'State', { id: 'c' })).pid).toBe(42);
});

test('what is not served is unimplemented', async () => {
  await using client = await connect(path);
  await expect(client.call(TASK, 'Kill', {})).rejects.toMatchObject({
    kind: 'unimplemented',
    message: 'method Kill: not implemented',
  });
  await expect(client.call('containerd.task.v3.Task', 'State', {})).rejects.toMatchObject({
    message: 'service containerd.task.v3.Task: not implemented',
  });
  const stream = requestFrame(1, { service: 'containerd.services.content.v1.Content', method: 'Read' }, 1);
  expect(await raw(stream, 1)).toEqual([[1, 12, 'method Read: not implemented']]);
});

test('the time limit of a call aborts its signal, and so does its connection', async () => {
  await using client = await connect(path);
  await expect(client.call(TASK, 'State', { id: 'hang' }, { timeoutMs: 30 })).rejects.toMatchObject({
    kind: 'deadline-exceeded',
  });
  await eventually(() => expect(contexts[0]?.signal.reason).toMatchObject({ kind: 'deadline-exceeded' }));
  client.call(TASK, 'State', { id: 'hang' }).catch(() => {});
  await eventually(() => expect(contexts).toHaveLength(2));
  client.close();
  await eventually(() => expect(contexts[1]?.signal.reason).toMatchObject({ kind: 'canceled' }));
  expect(report).not.toHaveBeenCalled();
});

test('frames that break the rules are answered on their id', async () => {
  const garbage = encodeFrame(9, FrameType.request, 0, Buffer.alloc(8, 0xff));
  const long = Buffer.alloc(10 + MAX_DATA_BYTES + 1);
  long.writeUInt32BE(MAX_DATA_BYTES + 1, 0);
  long.writeUInt32BE(11, 4);
  long.writeUInt8(FrameType.request, 8);
  const bytes = Buffer.concat([
    stateFrame(2),
    stateFrame(5),
    stateFrame(5),
    stateFrame(3),
    encodeFrame(7, FrameType.data, 0, Buffer.from('x')),
    encodeFrame(7, 99, 0, Buffer.from('from the future')),
    encodeFrame(7, FrameType.response, 0, Buffer.alloc(0)),
    garbage,
    long,
    stateFrame(13),
  ]);
  const answers = await raw(bytes, 8);
  expect(answers.toSorted(([a], [b]) => a - b)).toEqual([
    [2, 3, 'StreamID must be odd for client initiated streams: invalid argument'],
    [3, 3, 'StreamID cannot be re-used and must increment: invalid argument'],
    expect.arrayContaining([5]),
    expect.arrayContaining([5]),
    [7, 3, 'StreamID is no longer active: invalid argument'],
    [9, 3, expect.stringMatching(/^unmarshal request error: malformed ttrpc.Request: .*: invalid argument$/)],
    [11, 8, 'message length 4194305 exceed maximum message size of 4194304: resource exhausted'],
    [13, undefined, undefined],
  ]);
  const fives = answers.filter(([id]) => id === 5).map(([, code]) => code);
  expect(new Set(fives)).toEqual(new Set([undefined, 3]));
});

test('requests may arrive byte by byte', async () => {
  const socket = connectSocket(path);
  await once(socket, 'connect');
  for (const byte of stateFrame(1)) {
    await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
  }
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  const [frame] = [...new FrameDecoder().push(chunk)];
  expect(frame).toMatchObject({ streamId: 1, type: FrameType.response });
  socket.destroy();
});

test('a connection with many running calls is not read further until some end', async () => {
  const socket = connectSocket(path);
  await once(socket, 'connect');
  const total = 400;
  for (let at = 0; at < total; at++) {
    const payload = encode('containerd.task.v2.StateRequest', { id: 'gate' });
    const metadata = [{ key: 'pad', value: 'x'.repeat(32 << 10) }]; // few requests fit a chunk
    socket.write(requestFrame(2 * at + 1, { service: TASK, method: 'State', payload, metadata }));
  }
  await eventually(() => expect(contexts.length).toBeGreaterThanOrEqual(64));
  const seen = contexts.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(contexts).toHaveLength(seen);
  expect(seen).toBeLessThan(total / 2);
  socket.resume();
  gate.resolve();
  await eventually(() => expect(contexts).toHaveLength(total));
  socket.destroy();
});

test('a peer without the right credentials is dropped before it is heard', async () => {
  await server.close();
  server = new TtrpcServer([implement(TASK, { State: state })], { report, authorize: () => false });
  await server.listen(path);
  await using client = await connect(path);
  await expect(client.call(TASK, 'State', {})).rejects.toMatchObject({ kind: 'unavailable', message: 'ttrpc: closed' });
  expect(contexts).toEqual([]);
});

test('closing twice is closing once, and leaves no socket', async () => {
  await using client = await connect(path);
  await Promise.all([server.close(), server.close()]);
  await client.closed;
  await expect(connect(path)).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(new TtrpcServer([], { report }).listen(join(folder, 'no/such/folder'))).rejects.toThrow(/^listen E/);
});
