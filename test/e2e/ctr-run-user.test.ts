import { join } from 'node:path';
import { expect } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

const script = 'id -u; id -g; id -G; grep CapEff /proc/self/status';

/** Runs as the user that the image configuration names: this ctr has no such flag for `run`. */
async function runAsImageUser({ ctr, daemon }: Side, user: string) {
  const name = 'docker.io/library/with-user:1';
  const archive = join(daemon.folder, 'user.tar');
  await writeArchive(archive, await busyboxImage({ name, config: { User: user } }));
  await ctr.ok('images', 'import', archive);
  const output = await ctr.try(['run', '--rm', name, `user-${user.replaceAll(/\W/g, '-')}`, 'sh', '-c', script]);
  await ctr.ok('images', 'rm', '--sync', name);
  return output;
}

scenario('run as the user of the image, by number, by name and with a group', async (side) => {
  const results = [];
  for (const user of ['1:50', '65534', 'daemon', 'nobody:staff', '4242:4242']) {
    results.push([user, await runAsImageUser(side, user)]);
  }
  expect(results[0]).toMatchObject(['1:50', { stdout: expect.stringMatching(/^1\n50\n50/), code: 0 }]);
  return results;
});

scenario('run as a user that the image does not know fails', async (side) => {
  const output = await runAsImageUser(side, 'who');
  expect(output).toMatchObject({ stdout: '', code: 1, stderr: expect.stringMatching(/: no users found\n$/) });
});

scenario('tasks exec --user', async ({ ctr }) => {
  await ctr.ok('run', '-d', image, 'users', 'sleep', '1000');
  const results = [];
  for (const [index, user] of ['1:50', '65534', 'daemon', 'nobody'].entries()) {
    const args = ['tasks', 'exec', '--exec-id', `as-${index}`, '--user', user, 'users', 'sh', '-c', script];
    results.push([user, await ctr.try(args)]);
  }
  expect(results[0]).toMatchObject(['1:50', { stdout: expect.stringMatching(/^1\n50\n/), code: 0 }]);
  await ctr.ok('tasks', 'rm', '-f', 'users');
  await ctr.ok('containers', 'rm', 'users');
  return results;
});
