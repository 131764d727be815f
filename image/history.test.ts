import { expect, test } from 'vitest';
import { parseHistory } from './history.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('parseHistory reads what is there', () => {
  const history = [{ created: 't', created_by: 'RUN x', comment: 'c', author: 'a' }, { empty_layer: true }, 7, null];
  const nothing = { created: '', createdBy: '', author: '', comment: '', emptyLayer: false };
  expect(parseHistory(bytes({ history }))).toEqual([
    { created: 't', createdBy: 'RUN x', author: 'a', comment: 'c', emptyLayer: false },
    { ...nothing, emptyLayer: true },
    nothing,
    nothing,
  ]);
  expect(parseHistory(bytes({}))).toEqual([]);
  expect(parseHistory(bytes({ history: null }))).toEqual([]);
});

test('parseHistory refuses what is no config', () => {
  expect(() => parseHistory(Buffer.from('{'))).toThrow('not JSON');
  expect(() => parseHistory(bytes({ history: {} }))).toThrow('no list');
});
