import {
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pack, unpackKnown } from '../../proto/any.ts';
import type { Messages } from '../../proto/codec.ts';
import { implement } from '../../proto/handler.ts';
import { serviceDefinition } from '../../proto/service.ts';
import { connect } from '../../ttrpc/client.ts';
import { TtrpcServer } from '../../ttrpc/server.ts';
import { Daemon } from '../helpers/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { removeNamespaceFolders } from '../helpers/leak-guard.ts';
import { shortTempFolder } from '../helpers/paths.ts';
import { Supervised } from '../helpers/supervised.ts';

const EVENTS = 'containerd.services.events.ttrpc.v1.Events';
const TASK = 'containerd.task.v2.Task';

test("our client forwards an event to containerd's ttrpc server", async () => {
  await using containerd = await Daemon.start('containerd');
  const grpc = new Client(`unix://${containerd.address}`, credentials.createInsecure());
  const { Subscribe } = serviceDefinition('containerd.services.events.v1.Events');
  const stream = grpc.makeServerStreamRequest(
    Subscribe.path,
    Subscribe.requestSerialize,
    Subscribe.responseDeserialize,
    {},
  );
  const received: Messages['containerd.types.Envelope'][] = [];
  stream.on('data', (envelope: Messages['containerd.types.Envelope']) => received.push(envelope));
  stream.on('error', () => {});
  await using ttrpc = await connect(`${containerd.address}.ttrpc`);
  const envelope = {
    timestamp: { seconds: 1_700_000_000, nanos: 123_456_789 },
    namespace: 'peer',
    topic: '/tasks/oom',
    event: pack('containerd.events.TaskOOM', { containerId: 'c' }),
  };
  await eventually(async () => {
    expect(await ttrpc.call(EVENTS, 'Forward', { envelope }, { timeoutMs: 5_000 })).toEqual({});
    expect(received.length).toBeGreaterThan(0); // the subscription may still be on its way
  });
  expect(received[0]).toEqual(envelope);
  await expect(ttrpc.call(EVENTS, 'Forward', { envelope: { ...envelope, topic: 'x' } })).rejects.toMatchObject({
    message: expect.stringContaining('must start with'),
  });
  await expect(ttrpc.call(TASK, 'State', {})).rejects.toMatchObject({ kind: 'unimplemented' });
  stream.cancel();
  grpc.close();
});

/** A bundle whose process exits with 7. */
async function makeBundle(folder: string): Promise<string> {
  const bundle = join(folder, 'bundle');
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  copyFileSync('/usr/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  symlinkSync('busybox', join(bundle, 'rootfs/bin/sh'));
  await execa('runc', ['spec'], { cwd: bundle });
  const spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  spec.process.terminal = false;
  spec.process.args = ['/bin/sh', '-c', 'exit 7'];
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  return bundle;
}

test("Debian's shim runs a container for our client and sends its events to our server", async () => {
  const folder = shortTempFolder();
  onTestFinished(() => {
    removeNamespaceFolders(['peer']);
    rmSync(folder, { recursive: true });
  });
  const id = `peer-${process.pid}`;
  const bundle = await makeBundle(folder);
  await execa('mkfifo', [join(bundle, 'log')]); // the shim wants to log to a FIFO that somebody has open
  const log = openSync(join(bundle, 'log'), constants.O_RDWR);
  onTestFinished(() => closeSync(log));
  const events: Messages['containerd.types.Envelope'][] = [];
  const report = vi.fn();
  await using server = new TtrpcServer(
    [
      implement(EVENTS, {
        Forward: async ({ envelope }) => {
          if (envelope) events.push(envelope);
          return {};
        },
      }),
    ],
    { report },
  );
  await server.listen(join(folder, 'd.ttrpc'));
  const flags = ['-namespace', 'peer', '-address', join(folder, 'd'), '-publish-binary', '/bin/true', '-id', id];
  await using shim = await Supervised.start({
    argv: ['containerd-shim-runc-v2', ...flags, 'start'],
    env: { PATH: process.env['PATH'] ?? '', TTRPC_ADDRESS: join(folder, 'd.ttrpc') },
    cwd: bundle,
    logPath: join(folder, 'log'),
  });
  expect(await shim.wait()).toEqual({ how: 'exit', value: 0 });
  const address = readFileSync(join(folder, 'log'), 'utf8').trim().replace('unix://', '');
  onTestFinished(() => rmSync(address, { force: true })); // the shim leaves it to its `delete` command
  await using client = await connect(address);

  await expect(client.call(TASK, 'State', { id: 'nobody' })).rejects.toMatchObject({ kind: 'not-found' });
  const { pid } = await client.call(TASK, 'Create', { id, bundle });
  expect(await client.call(TASK, 'State', { id })).toMatchObject({ id, bundle, pid, status: 'CREATED' });
  const exit = client.call(TASK, 'Wait', { id });
  expect(await client.call(TASK, 'Start', { id })).toEqual({ pid });
  expect(await exit).toMatchObject({ exitStatus: 7, exitedAt: { seconds: expect.any(Number) } });
  expect(await client.call(TASK, 'Delete', { id })).toMatchObject({ pid, exitStatus: 7 });

  const topics = ['/tasks/create', '/tasks/start', '/tasks/exit', '/tasks/delete'];
  await eventually(() => expect(events.map(({ topic }) => topic)).toEqual(topics));
  expect(events.every(({ namespace }) => namespace === 'peer')).toBe(true);
  const exited = events[2]?.event;
  expect(exited && unpackKnown(exited)).toMatchObject({ containerId: id, id, pid, exitStatus: 7 });
  await client.call(TASK, 'Shutdown', { id }).catch(() => {}); // may close the connection before it answers
  await client.closed;
  await expect(client.call(TASK, 'State', { id })).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'ttrpc: closed',
  });
  expect(report).not.toHaveBeenCalled();
});
