import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GantryError } from '../base/errors.ts';
import { decode, encode, type Init, type Messages } from '../proto/codec.ts';
import { connect, type TtrpcClient } from './client.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameType, MAX_DATA_BYTES } from './frame.ts';

const TASK = 'containerd.task.v2.Task';

/** The other side of the client, played by the test frame by frame. */
class Peer {
  readonly socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #frames: Frame[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(...this.#decoder.push(chunk));
      socket.emit('frames');
    });
  }

  async request(): Promise<{ streamId: number; request: Messages['ttrpc.Request'] }> {
    while (this.#frames.length === 0) await once(this.socket, 'frames');
    const frame = this.#frames.shift() as Frame;
    expect([frame.type, frame.flags]).toEqual([FrameType.request, 0]);
    return { streamId: frame.streamId, request: decode('ttrpc.Request', frame.data) };
  }

  answer(streamId: number, response: Init<Messages['ttrpc.Response']>): void {
    this.socket.write(encodeFrame(streamId, FrameType.response, 0, encode('ttrpc.Response', response)));
  }

  answerPid(streamId: number, pid: number): void {
    this.answer(streamId, { payload: encode('containerd.task.v2.StateResponse', { pid }) });
  }
}

let folder: string;
let client: TtrpcClient;
let peer: Peer;

beforeEach(async () => {
  folder = mkdtempSync('/tmp/gt-');
  const server = createServer();
  server.listen(join(folder, 's'));
  const accepted = once(server, 'connection');
  client = await connect(join(folder, 's'));
  peer = new Peer(((await accepted) as [Socket])[0]);
  server.close();
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  peer.socket.destroy();
  rmSync(folder, { recursive: true });
});

test('a call carries service, method, payload, time limit and headers', async () => {
  const call = client.call(TASK, 'State', { id: 'c' }, { timeoutMs: 1_500, namespace: 'ns', metadata: { k: 'v' } });
  const { streamId, request } = await peer.request();
  expect(streamId).toBe(1);
  expect(request).toEqual({
    service: TASK,
    method: 'State',
    payload: encode('containerd.task.v2.StateRequest', { id: 'c' }),
    timeoutNano: 1_500_000_000,
    metadata: [
      { key: 'containerd-namespace-ttrpc', value: 'ns' },
      { key: 'k', value: 'v' },
    ],
  });
  peer.answer(streamId, { payload: encode('containerd.task.v2.StateResponse', { pid: 7, status: 'RUNNING' }) });
  expect(await call).toMatchObject({ pid: 7, status: 'RUNNING', id: '' });
});

test('many calls at once, answered in any order, split anywhere', async () => {
  const calls = Array.from({ length: 50 }, () => client.call(TASK, 'State', {}));
  const ids: number[] = [];
  while (ids.length < 50) ids.push((await peer.request()).streamId);
  expect(ids).toEqual(Array.from({ length: 50 }, (_, at) => 2 * at + 1));
  const answers = ids.toReversed().map((streamId) => {
    const payload = encode('containerd.task.v2.StateResponse', { pid: streamId });
    return encodeFrame(streamId, FrameType.response, 0, encode('ttrpc.Response', { payload }));
  });
  for (const byte of Buffer.concat(answers)) peer.socket.write(Buffer.of(byte));
  expect((await Promise.all(calls)).map(({ pid }) => pid)).toEqual(ids);
});

test('a status is thrown as an error of its kind', async () => {
  const call = client.call(TASK, 'Kill', { id: 'c' });
  const { streamId } = await peer.request();
  peer.answer(streamId, { status: { code: 5, message: 'process c: not found' } });
  await expect(call).rejects.toMatchObject({ kind: 'not-found', message: 'process c: not found' });
});

test('a call out of time or aborted fails; its late answer and stray frames are dropped', async () => {
  const late = client.call(TASK, 'Wait', { id: 'c' }, { timeoutMs: 20 });
  await expect(late).rejects.toMatchObject({ kind: 'deadline-exceeded' });
  const controller = new AbortController();
  const aborted = client.call(TASK, 'Wait', { id: 'c' }, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ kind: 'canceled' });
  const deadline = new AbortController();
  const expired = client.call(TASK, 'Wait', { id: 'c' }, { signal: deadline.signal });
  deadline.abort(new GantryError('deadline-exceeded', 'context deadline exceeded'));
  await expect(expired).rejects.toMatchObject({ kind: 'deadline-exceeded' });
  const dead = client.call(TASK, 'Wait', {}, { signal: controller.signal });
  await expect(dead).rejects.toMatchObject({ kind: 'canceled' });
  const next = client.call(TASK, 'State', {});
  for (const expected of [1, 3, 5]) {
    const { streamId } = await peer.request();
    expect(streamId).toBe(expected);
    peer.answerPid(streamId, 1);
  }
  peer.answerPid(99, 1);
  const { streamId } = await peer.request();
  peer.socket.write(encodeFrame(streamId, FrameType.data, 5, Buffer.alloc(0)));
  peer.socket.write(encodeFrame(streamId, 77, 0, Buffer.from('?')));
  peer.answerPid(streamId, 2);
  expect((await next).pid).toBe(2);
});

test('answers that are malformed or too long fail their call only', async () => {
  const malformed = client.call(TASK, 'State', {});
  peer.socket.write(encodeFrame((await peer.request()).streamId, FrameType.response, 0, Buffer.alloc(8, 0xff)));
  await expect(malformed).rejects.toMatchObject({ kind: 'invalid-argument' });
  const long = client.call(TASK, 'State', {});
  const header = Buffer.alloc(10);
  header.writeUInt32BE(MAX_DATA_BYTES + 1, 0);
  header.writeUInt32BE((await peer.request()).streamId, 4);
  header.writeUInt8(FrameType.response, 8);
  peer.socket.write(Buffer.concat([header, Buffer.alloc(MAX_DATA_BYTES + 1)]));
  await expect(long).rejects.toMatchObject({ kind: 'resource-exhausted' });
  const fine = client.call(TASK, 'State', {});
  peer.answerPid((await peer.request()).streamId, 3);
  expect((await fine).pid).toBe(3);
  await expect(client.call(TASK, 'Exec', { stdin: 'x'.repeat(MAX_DATA_BYTES) })).rejects.toMatchObject({
    kind: 'resource-exhausted',
  });
});

test.each([
  ['the peer', () => peer.socket.end()],
  ['the death of the peer', () => peer.socket.destroy()],
  ['us', () => client.close()],
])('a connection closed by %s fails outstanding and later calls', async (_, close) => {
  const outstanding = client.call(TASK, 'Wait', { id: 'c' }, { timeoutMs: 60_000 });
  await peer.request();
  close();
  const closed = { kind: 'unavailable', message: 'ttrpc: closed' };
  await expect(outstanding).rejects.toMatchObject(closed);
  await client.closed;
  await expect(client.call(TASK, 'State', {})).rejects.toMatchObject(closed);
});

test('a peer that does not read is given up on, not queued for', async () => {
  peer.socket.pause();
  const stdin = 'x'.repeat(1 << 20);
  const calls = Array.from({ length: 40 }, () => client.call(TASK, 'Exec', { stdin }));
  const outcomes = Promise.allSettled(calls);
  await expect(calls.at(-1)).rejects.toMatchObject({ kind: 'unavailable', message: 'ttrpc: peer does not read' });
  client.close();
  expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
});

test('nobody there is unavailable, and waiting for somebody can be aborted', async () => {
  await expect(connect(join(folder, 'none'))).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('ENOENT'),
  });
  await expect(connect(join(folder, 'none'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: 'canceled',
  });
});
