import { expect } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { GantryError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Client } from '../../client/client.ts';
import { packJson } from '../../proto/any.ts';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

const { scenario } = bothDaemons({ image: true });

const containersOf = (client: Client) => client.service('containerd.services.containers.v1.Containers');
const tasksOf = (client: Client) => client.service('containerd.services.tasks.v1.Tasks');
const imagesOf = (client: Client) => client.service('containerd.services.images.v1.Images');
const contentOf = (client: Client) => client.service('containerd.services.content.v1.Content');

/**
 * The text without what differs between releases of containerd: whether it ends with the name of its class, and the
 * words "must match"; and a NUL as it is instead of quoted.
 */
function comparable({ kind, message }: GantryError): string {
  const className = kind.replaceAll('-', ' ');
  return message
    .replace(new RegExp(`: ${className}$`), '')
    .replace('must match pattern', 'must match')
    .replaceAll('\0', '\\x00');
}

/** Only the codes, where the texts are not the same in all releases. */
const kindsOf = (answers: Record<string, { kind: string }>) =>
  Object.fromEntries(Object.entries(answers).map(([name, { kind }]) => [name, kind]));

/** Code and text of a call that has to fail. */
async function failure(call: Promise<unknown>): Promise<{ kind: string; message: string }> {
  const error: unknown = await call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw error;
  return { kind: error.kind, message: comparable(error) };
}

const container = (id: string) => ({
  id,
  image,
  runtime: { name: 'io.containerd.runc.v2' },
  spec: packJson('types.containerd.io/opencontainers/runtime-spec/1/Spec', {}),
});

const badIds = { empty: '', long: 'x'.repeat(77), up: '..', slash: 'a/b', dash: '-a', space: 'a b', nul: 'a\0b' };

scenario('a container with a bad id', async ({ client }) => {
  const answers: Record<string, unknown> = {};
  for (const [name, id] of Object.entries(badIds)) {
    const answer = await failure(containersOf(client).Create({ container: container(id) }));
    expect(answer, name).toMatchObject({ kind: 'invalid-argument' });
    answers[name] = answer;
  }
  return answers;
});

scenario('a container without runtime or spec', async ({ client }) => {
  const { runtime: _runtime, ...withoutRuntime } = container('incomplete');
  const { spec: _spec, ...withoutSpec } = container('incomplete');
  const answers = [
    await failure(containersOf(client).Create({ container: withoutRuntime })),
    await failure(containersOf(client).Create({ container: withoutSpec })),
    await failure(containersOf(client).Create({ container: { ...container('incomplete'), snapshotKey: 'x' } })),
  ];
  expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => 'invalid-argument'));
  return answers;
});

scenario('a second container of the same id', async ({ client }) => {
  await containersOf(client).Create({ container: container('twice') });
  const answer = await failure(containersOf(client).Create({ container: container('twice') }));
  expect(answer.kind).toBe('already-exists');
  await containersOf(client).Delete({ id: 'twice' });
  return answer;
});

scenario('a second task of the same container', async (side) => {
  await side.ctr.ok('run', '-d', image, 'one-task', 'sleep', '1000');
  const answer = await failure(tasksOf(side.client).Create({ containerId: 'one-task' }));
  expect(answer.kind).toBe('already-exists');
  await side.remove('one-task');
  return answer;
});

scenario('tasks and processes that do not exist', async (side) => {
  const { client, ctr } = side;
  const tasks = tasksOf(client);
  await ctr.ok('run', '-d', image, 'lonely', 'sleep', '1000');
  const answers = {
    create: await failure(tasks.Create({ containerId: 'absent' })),
    get: await failure(tasks.Get({ containerId: 'absent' })),
    wait: await failure(tasks.Wait({ containerId: 'absent' })),
    getExec: await failure(tasks.Get({ containerId: 'lonely', execId: 'absent' })),
    killExec: await failure(tasks.Kill({ containerId: 'lonely', execId: 'absent', signal: 9 })),
    deleteExec: await failure(tasks.DeleteProcess({ containerId: 'lonely', execId: 'absent' })),
    deleteRunning: await failure(tasks.Delete({ containerId: 'lonely' })),
    startAgain: await failure(tasks.Start({ containerId: 'lonely' })),
  };
  expect(answers).toMatchObject({
    create: { kind: 'not-found' },
    get: { kind: 'not-found' },
    wait: { kind: 'not-found' },
  });
  await side.remove('lonely');
  return answers;
});

scenario('an exec with a bad id', async (side) => {
  await side.ctr.ok('run', '-d', image, 'exec-ids', 'sleep', '1000');
  const spec = packJson('types.containerd.io/opencontainers/runtime-spec/1/Process', { args: ['true'], cwd: '/' });
  const answers: Record<string, unknown> = {};
  for (const [name, execId] of Object.entries(badIds)) {
    const answer = await failure(tasksOf(side.client).Exec({ containerId: 'exec-ids', execId, spec }));
    expect(answer, name).toMatchObject({ kind: 'invalid-argument' });
    answers[name] = answer;
  }
  await side.remove('exec-ids');
  return answers;
});

scenario('an image that is not there', async ({ client, ctr }) => {
  const run = await ctr.fails('run', '--rm', 'example.com/absent:1', 'no-image', 'true');
  expect(run).toContain('image "example.com/absent:1": not found');
  const answers = [
    await failure(imagesOf(client).Get({ name: 'example.com/absent:1' })),
    await failure(imagesOf(client).Delete({ name: 'example.com/absent:1' })),
    await failure(imagesOf(client).Update({ image: { name: 'example.com/absent:1' } })),
  ];
  expect(answers[0]).toEqual({ kind: 'not-found', message: 'image "example.com/absent:1"' });
  return { run, answers };
});

scenario('an image with a bad reference or target', async ({ client }) => {
  const target = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256Of('x'), size: 1 };
  const images = imagesOf(client);
  const answers = {
    noName: await failure(images.Create({ image: { name: '', target } })),
    noTarget: await failure(images.Create({ image: { name: 'bad:1' } })),
    noMediaType: await failure(images.Create({ image: { name: 'bad:1', target: { ...target, mediaType: '' } } })),
    noSize: await failure(images.Create({ image: { name: 'bad:1', target: { ...target, size: 0 } } })),
    badDigest: await failure(images.Create({ image: { name: 'bad:1', target: { ...target, digest: 'sha256:xyz' } } })),
    noAlgorithm: await failure(
      images.Create({ image: { name: 'bad:1', target: { ...target, digest: 'x'.repeat(64) } } }),
    ),
  };
  expect(Object.values(answers).map(({ kind }) => kind)).toEqual(Object.values(answers).map(() => 'invalid-argument'));
  return kindsOf(answers);
});

scenario('labels that are too long', async ({ client }) => {
  const labels = { key: 'x'.repeat(4096) };
  const answer = await failure(containersOf(client).Create({ container: { ...container('labelled'), labels } }));
  expect(answer).toMatchObject({ kind: 'invalid-argument', message: expect.stringContaining('4096 bytes') });
});

scenario('content of a wrong digest, and digests that are none', async ({ client }) => {
  const content = contentOf(client);
  const write = (request: object) =>
    (async () => {
      for await (const _ of content.Write(
        (async function* () {
          yield request;
        })(),
      ));
    })();
  const commit = { action: 'COMMIT', ref: 'bad-digest', data: Buffer.from('hello'), total: 5 } as const;
  const answers = {
    wrong: await failure(write({ ...commit, expected: sha256Of('other') })),
    wrongSize: await failure(write({ ...commit, ref: 'bad-size', total: 6 })),
    noRef: await failure(write({ ...commit, ref: '' })),
    infoAbsent: await failure(content.Info({ digest: sha256Of('nobody has this') })),
    infoBad: await failure(content.Info({ digest: 'sha256:short' })),
    deleteAbsent: await failure(content.Delete({ digest: sha256Of('nobody has this') })),
    deleteBad: await failure(content.Delete({ digest: 'nonsense' })),
    abortAbsent: await failure(content.Abort({ ref: 'nobody-writes-this' })),
  };
  for (const ref of ['bad-digest', 'bad-size']) await content.Abort({ ref }).catch(() => undefined);
  expect(answers).toMatchObject({ wrong: { kind: 'failed-precondition' }, noRef: { kind: 'invalid-argument' } });
  return kindsOf(answers);
});

scenario('a namespace header that is missing, unknown or bad', async (side) => {
  const list = (namespace: string) => containersOf(side.client.with({ namespace })).List({});
  expect(await list('never-seen')).toEqual({ containers: [] });
  const answers: Record<string, unknown> = {
    get: await failure(containersOf(side.client.with({ namespace: 'never-seen' })).Get({ id: 'x' })),
  };
  for (const namespace of ['', '..', 'a/b', 'x'.repeat(77)]) answers[namespace] = await failure(list(namespace));
  expect(answers['']).toMatchObject({
    kind: 'failed-precondition',
    message: expect.stringContaining('namespace is required'),
  });
  expect(answers['..']).toMatchObject({ kind: 'invalid-argument' });
  return answers;
});

scenario('a command that is not in the image', async ({ ctr }) => {
  const answers = {
    absent: await ctr.fails('run', '--rm', image, 'bad-command-1', 'not-there'),
    absolute: await ctr.fails('run', '--rm', image, 'bad-command-2', '/bin/not-there'),
    folder: await ctr.fails('run', '--rm', image, 'bad-command-3', '/etc'),
    notExecutable: await ctr.fails('run', '--rm', image, 'bad-command-4', '/etc/passwd'),
  };
  expect(answers.absent).toContain('exec: "not-there": executable file not found in $PATH');
  expect(await ctr.ok('containers', 'ls', '-q')).toBe('');
  expect(await ctr.ok('snapshots', 'ls')).not.toContain('bad-command');
  return answers;
});

scenario('a spec that runc refuses', async (side) => {
  const answer = await side.ctr.fails('run', '--rm', '--cwd', 'relative', image, 'bad-spec', 'true');
  expect(await side.ctr.ok('tasks', 'ls', '-q')).toBe('');
  return answer;
});

/** Bytes that a task of the side has asked its reader to take so far. */
async function writtenBy({ ctr }: Side, id: string): Promise<number> {
  const count = await ctr.ok('tasks', 'exec', '--exec-id', `count-${randomHex(4)}`, id, 'wc', '-c', '/tmp/count');
  return Number(count.split(' ')[0]);
}

scenario('a fifo that nobody reads fills up, and hinders nothing else', async (side) => {
  const { ctr } = side;
  // Notes a byte for every kilobyte that went through.
  const script =
    'line=$(head -c 1023 /dev/zero | tr "\\0" x); : > /tmp/count; while :; do echo $line; printf . >> /tmp/count; done';
  await ctr.ok('run', '-d', image, 'unread', 'sh', '-c', script);
  // Standing still is the same count three times in a row.
  const counts: number[] = [];
  const full = await eventually(async () => {
    counts.push(await writtenBy(side, 'unread'));
    const [last = 0, ...earlier] = counts.slice(-3).reverse();
    expect(earlier).toEqual([last, last]);
    expect(last).toBeGreaterThan(60);
    return last;
  });
  // A pipe between container and shim, and the fifo: no more is buffered anywhere.
  expect(full).toBeLessThan(1_500);
  expect((await listTasks(side)).get('unread')).toMatchObject({ status: 'RUNNING' });
  expect((await ctr.try(['run', '--rm', image, 'meanwhile', 'echo', 'hi'])).stdout).toBe('hi\n');
  await ctr.ok('tasks', 'kill', '-s', 'KILL', 'unread');
  await eventually(async () => expect((await listTasks(side)).get('unread')).toMatchObject({ status: 'STOPPED' }));
  await side.remove('unread');
});

scenario('a fifo that is missing', async (side) => {
  await side.ctr.ok('containers', 'create', image, 'no-fifo', 'true');
  const { mounts } = await side.client
    .service('containerd.services.snapshots.v1.Snapshots')
    .Mounts({ snapshotter: 'overlayfs', key: 'no-fifo' });
  const stdout = `${side.daemon.folder}/not/there`;
  const answer = await failure(tasksOf(side.client).Create({ containerId: 'no-fifo', rootfs: mounts, stdout }));
  expect(answer.message).toMatch(/no such file or directory/i);
  await side.ctr.ok('containers', 'rm', 'no-fifo');
  return answer.kind;
});
