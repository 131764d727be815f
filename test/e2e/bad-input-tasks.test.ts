import { expect, test } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { image, Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';
import { declare } from './bad-input-tasks.ts';

declare(bothDaemons({ image: true }).scenario);

test('an update without limits, which the shim of the peer does not survive', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', image, 'unlimited', 'sleep', '1000');
  const update = side.client.service('containerd.services.tasks.v1.Tasks').Update({ containerId: 'unlimited' });
  await expect(update).rejects.toMatchObject({ kind: 'invalid-argument' });
  expect((await listTasks(side)).get('unlimited')?.status).toBe('RUNNING');
  await side.remove('unlimited');
});
