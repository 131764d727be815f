import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { labelsIn } from '../helpers/ctr.ts';
import { image } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

/** Capabilities and the like come from the client; what the server adds are times. */
type Info = Record<string, unknown> & { Labels: Record<string, string>; Spec: { process: { args: string[] } } };

scenario('containers create, list, info and rm', async ({ ctr }) => {
  await ctr.ok('containers', 'create', '--label', 'colour=red', image, 'created', 'echo', 'hi');
  const listed = await ctr.ok('containers', 'ls');
  expect(listed).toMatch(new RegExp(`^created +${image} +io\\.containerd\\.runc\\.v2 *$`, 'm'));
  const text = await ctr.ok('containers', 'info', 'created');
  const info = JSON.parse(text) as Info;
  expect(info).toMatchObject({ ID: 'created', Image: image, SnapshotKey: 'created', Snapshotter: 'overlayfs' });
  expect(info.Spec.process.args).toEqual(['echo', 'hi']);
  await ctr.ok('containers', 'rm', 'created');
  expect(await ctr.ok('containers', 'ls', '-q')).toBe('');
  expect(await ctr.ok('snapshots', 'ls')).not.toMatch(/^created/m);
  return { listed, info: text };
});

scenario('containers label sets and clears', async ({ ctr }) => {
  await ctr.ok('containers', 'create', image, 'labelled', 'true');
  const set = await ctr.ok('containers', 'label', 'labelled', 'colour=red');
  expect(set).toContain('colour=red');
  await ctr.ok('containers', 'label', 'labelled', 'colour=blue', 'size=big');
  const { Labels } = JSON.parse(await ctr.ok('containers', 'info', 'labelled')) as Info;
  expect(Labels).toMatchObject({ colour: 'blue', size: 'big' });
  const cleared = await ctr.ok('containers', 'label', 'labelled', 'size=');
  const after = JSON.parse(await ctr.ok('containers', 'info', 'labelled')) as Info;
  await ctr.ok('containers', 'rm', 'labelled');
  return { Labels, cleared: labelsIn(cleared), after: after.Labels };
});

scenario('containers ls filters', async ({ ctr }) => {
  await ctr.ok('containers', 'create', '--label', 'group=a', image, 'filter-1', 'true');
  await ctr.ok('containers', 'create', '--label', 'group=b', image, 'filter-2', 'true');
  const answers = {
    byLabel: await ctr.ok('containers', 'ls', '-q', 'labels.group==b'),
    byId: await ctr.ok('containers', 'ls', '-q', 'id~=filter'),
    byImage: await ctr.ok('containers', 'ls', '-q', `image==${image}`),
    byRuntime: await ctr.ok('containers', 'ls', '-q', 'runtime.name==io.containerd.runc.v2,labels.group==a'),
    either: await ctr.ok('containers', 'ls', '-q', 'labels.group==a', 'id==filter-2'),
    none: await ctr.ok('containers', 'ls', '-q', 'labels.group!=a,labels.group!=b'),
  };
  expect(answers.byLabel).toBe('filter-2\n');
  await ctr.ok('containers', 'rm', 'filter-1', 'filter-2');
  return answers;
});

scenario('a container of one namespace is not seen in another', async ({ ctr }) => {
  await ctr.ok('containers', 'create', image, 'mine', 'true');
  expect(await ctr.in('elsewhere').ok('containers', 'ls', '-q')).toBe('');
  const error = await ctr.in('elsewhere').fails('containers', 'info', 'mine');
  await ctr.ok('containers', 'rm', 'mine');
  return error;
});

scenario('a container with a task cannot be removed', async ({ ctr }) => {
  await ctr.ok('run', '-d', image, 'busy', 'sleep', '1000');
  const error = await ctr.fails('containers', 'rm', 'busy');
  expect(error).toContain('cannot delete a non stopped container');
  await ctr.ok('tasks', 'rm', '-f', 'busy');
  await ctr.ok('containers', 'rm', 'busy');
  return error.replaceAll(/\d{2,}/g, 'N');
});

scenario('info, label and rm of a container that does not exist', async ({ ctr }) => {
  const errors = [
    await ctr.fails('containers', 'info', 'absent'),
    await ctr.fails('containers', 'label', 'absent', 'a=b'),
    await ctr.fails('containers', 'rm', 'absent'),
  ];
  return errors;
});
