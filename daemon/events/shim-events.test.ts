import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { connect } from '../../ttrpc/client.ts';
import { ShimEvents } from './shim-events.ts';

async function listen(uid: number): Promise<{ address: string; received: string[] }> {
  const folder = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(folder, { recursive: true }));
  const address = join(folder, 's');
  const received: string[] = [];
  const credentials = { peerCredentials: (fd: number) => ({ ...sys.peerCredentials(fd), uid }) };
  const events = new ShimEvents(
    { sys: credentials, log: silentLogger, receive: ({ topic }) => void received.push(topic) },
    { address, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
  );
  await events.listen();
  onTestFinished(() => events[Symbol.asyncDispose]());
  return { address, received };
}

const service = 'containerd.services.events.ttrpc.v1.Events';

test('takes events in the order in which a shim sends them', async () => {
  const { address, received } = await listen(0);
  await using client = await connect(address);
  const topics = Array.from({ length: 50 }, (_, index) => `/tasks/${index}`);
  await Promise.all(topics.map((topic) => client.call(service, 'Forward', { envelope: { topic, namespace: 'ns' } })));
  expect(received).toEqual(topics);
  expect((await stat(address)).mode & 0o777).toBe(0o660);
});

test('refuses an event without an envelope', async () => {
  const { address } = await listen(0);
  await using client = await connect(address);
  await expect(client.call(service, 'Forward', {})).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('takes nothing from a stranger', async () => {
  const { address, received } = await listen(65_534);
  const client = await connect(address);
  await client.call(service, 'Forward', { envelope: { topic: '/tasks/exit' } }).catch(() => undefined);
  await client.closed;
  expect(received).toEqual([]);
});
