import { expect, test } from 'vitest';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import { RecentEvents } from './recent-events.ts';

const envelope = (topic: string, bytes: number): Envelope => ({
  timestamp: null,
  namespace: 'one',
  topic,
  event: { typeUrl: 'x', value: Buffer.alloc(bytes) },
});

test('the oldest make room, by number and by size', () => {
  const recent = new RecentEvents({ events: 3, bytes: 100 });
  const topics = () => [...recent].map(({ topic }) => topic);
  for (const topic of ['/a', '/b', '/c', '/d']) recent.add(envelope(topic, 10));
  expect(topics()).toEqual(['/b', '/c', '/d']);
  recent.add(envelope('/e', 85));
  expect(topics()).toEqual(['/d', '/e']);
  recent.add(envelope('/f', 101));
  expect({ topics: topics(), length: recent.length }).toEqual({ topics: [], length: 0 });
  recent.add(envelope('/g', 100));
  expect(topics()).toEqual(['/g']);
});
