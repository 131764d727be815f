import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { implement } from '../../proto/handler.ts';
import { failureOf, serve } from '../server-fixture.ts';
import { Process } from './process.ts';

const tasks = 'containerd.services.tasks.v1.Tasks';

test('wait outlives the daemon and gives the status that its successor knows', async () => {
  const asked = Promise.withResolvers<void>();
  const Wait = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  await using server = await serve(implement(tasks, { Wait }));
  const exit = new Process(server.client, 'c').wait();
  await asked.promise;
  server.stop();
  const Get = async () => ({ process: { status: 'STOPPED' as const } });
  await server.start(implement(tasks, { Get, Wait: async () => ({ exitStatus: 7, exitedAt: { seconds: 5 } }) }));
  expect(await exit).toEqual({ status: 7, exitedAt: { seconds: 5, nanos: 0 } });
});

test('wait fails at once for what waiting does not mend', async () => {
  const Wait = async () => {
    throw new GantryError('not-found', 'task c');
  };
  await using server = await serve(implement(tasks, { Wait }));
  expect(await failureOf(new Process(server.client, 'c').wait())).toMatchObject({ kind: 'not-found' });
});

test('wait can be given up while the daemon is away', async () => {
  await using server = await serve();
  server.stop();
  const reason = new GantryError('canceled', 'interrupted');
  const controller = new AbortController();
  const waiting = failureOf(new Process(server.client, 'c').wait({ signal: controller.signal }));
  controller.abort(reason);
  expect(await waiting).toBe(reason);
});

test.each([
  ['RUNNING', 42, 0],
  ['CREATED', 43, 1],
] as const)('a start whose answer is lost is made sure of: %s', async (status, pid, starts) => {
  const asked = Promise.withResolvers<void>();
  const hang = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  await using server = await serve(implement(tasks, { Start: hang }));
  const started = new Process(server.client, 'c').start();
  await asked.promise;
  server.stop();
  let again = 0;
  const Start = async () => {
    again += 1;
    return { pid: 43 };
  };
  await server.start(implement(tasks, { Start, Get: async () => ({ process: { status, pid: 42 } }) }));
  expect(await started).toBe(pid);
  expect(again).toBe(starts);
});

test('an exec is deleted as a process, the first process as the task', async () => {
  const deleted: string[] = [];
  await using server = await serve(
    implement(tasks, {
      Delete: async ({ containerId }) => {
        deleted.push(`task ${containerId}`);
        return { exitStatus: 1 };
      },
      DeleteProcess: async ({ containerId, execId }) => {
        deleted.push(`process ${containerId}/${execId}`);
        return { exitStatus: 2 };
      },
    }),
  );
  expect(await new Process(server.client, 'c').delete()).toMatchObject({ status: 1 });
  expect(await new Process(server.client, 'c', 'e').delete()).toMatchObject({ status: 2 });
  expect(deleted).toEqual(['task c', 'process c/e']);
});
