import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

/** Payload with what differs between two runs replaced. */
function normaliseEvent(side: Side, { topic, payload }: { topic: string; payload: unknown }): string {
  const text = side.normalise(JSON.stringify(payload));
  return `${topic} ${text
    .replaceAll(/"pid":\d+/g, '"pid":0')
    .replaceAll(/snapshots\/\d+\//g, 'snapshots/N/')
    .replaceAll(/fifo\/\d+\//g, 'fifo/N/')}`;
}

/** Runs commands and returns the events of this namespace that they caused, up to one of the last topic. */
async function eventsOf(side: Side, lastTopic: string, commands: () => Promise<unknown>): Promise<string[]> {
  await using events = await EventsProcess.start(side.ctr);
  await commands();
  await eventually(() => expect(events.seen.map(({ topic }) => topic)).toContain(lastTopic));
  return events.seen
    .filter(({ namespace }) => namespace === side.namespace)
    .map((event) => normaliseEvent(side, event));
}

scenario('events of a run', async (side) => {
  const events = await eventsOf(side, '/containers/delete', () =>
    side.ctr.try(['run', '--rm', image, 'observed', 'sh', '-c', 'exit 5']),
  );
  expect(events.map((line) => line.split(' ')[0])).toEqual([
    '/snapshot/prepare',
    '/containers/create',
    '/tasks/create',
    '/tasks/start',
    '/tasks/exit',
    '/tasks/delete',
    '/snapshot/remove',
    '/containers/delete',
  ]);
  return events;
});

scenario('events of exec, pause, resume and kill', async (side) => {
  const { ctr } = side;
  const events = await eventsOf(side, '/containers/delete', async () => {
    await ctr.ok('run', '-d', image, 'acted-on', 'sleep', '1000');
    await ctr.try(['tasks', 'exec', '--exec-id', 'extra', 'acted-on', 'sh', '-c', 'sleep 0.1; exit 3']);
    await ctr.ok('tasks', 'pause', 'acted-on');
    await ctr.ok('tasks', 'resume', 'acted-on');
    await ctr.ok('tasks', 'rm', '-f', 'acted-on');
    await ctr.ok('containers', 'rm', 'acted-on');
  });
  expect(events.join('\n')).toMatch(/tasks\/exit .*"id":"extra".*"exit_status":3/);
  return events;
});

scenario('an exit is told once and after its start, also of a process that ends at once', async (side) => {
  for (const round of ['1', '2', '3', '4', '5']) {
    const events = await eventsOf(side, '/containers/delete', () =>
      side.ctr.try(['run', '--rm', image, `instant-${round}`, 'true']),
    );
    const topics = events.map((line) => line.split(' ')[0]).filter((topic) => topic?.startsWith('/tasks/'));
    expect(topics).toEqual(['/tasks/create', '/tasks/start', '/tasks/exit', '/tasks/delete']);
  }
});

scenario('events of images, namespaces and snapshots', async (side) => {
  const { ctr } = side;
  return eventsOf(side, '/namespaces/update', async () => {
    await ctr.ok('images', 'tag', image, 'example.com/event:1');
    await ctr.ok('images', 'label', 'example.com/event:1', 'colour=red');
    await ctr.ok('images', 'rm', 'example.com/event:1');
    await ctr.ok('snapshots', 'prepare', 'event-work');
    await ctr.ok('snapshots', 'commit', 'event-done', 'event-work');
    await ctr.ok('snapshots', 'rm', 'event-done');
    await ctr.ok('containers', 'create', image, 'event-container', 'true');
    await ctr.ok('containers', 'label', 'event-container', 'colour=red');
    await ctr.ok('containers', 'rm', 'event-container');
    await ctr.ok('namespaces', 'label', side.namespace, 'colour=red');
  });
});

scenario('events can be filtered', async (side) => {
  const { ctr } = side;
  await using events = await EventsProcess.start(ctr, 'topic=="/images/create",event.name==example.com/wanted:1');
  await ctr.ok('images', 'tag', image, 'example.com/unwanted:1', 'example.com/wanted:1');
  await eventually(() => expect(events.seen).toHaveLength(1));
  expect(events.seen[0]).toMatchObject({ topic: '/images/create', payload: { name: 'example.com/wanted:1' } });
  await ctr.ok('images', 'rm', 'example.com/unwanted:1', 'example.com/wanted:1');
});
