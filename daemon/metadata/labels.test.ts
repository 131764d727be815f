import { expect, test } from 'vitest';
import { storedLabels, validateLabels } from './labels.ts';

test('key and value may take 4096 bytes together, counted in UTF-8', () => {
  validateLabels({ k: 'v'.repeat(4095), ['k'.repeat(4096)]: '', é: 'é'.repeat(2047) });
  const tooLarge = [{ k: 'v'.repeat(4096) }, { ['k'.repeat(4097)]: '' }, { é: 'é'.repeat(2048) }];
  for (const labels of tooLarge) {
    expect(() => validateLabels(labels)).toThrow(expect.objectContaining({ kind: 'invalid-argument' }));
  }
});

test('the error shows whose label it is and the start of its key', () => {
  const labels = { ['k'.repeat(5000)]: '' };
  expect(() => validateLabels(labels, 'image.Labels')).toThrow(
    `image.Labels: label key and value length (5000 bytes) greater than maximum size (4096 bytes), key: ${'k'.repeat(64)}`,
  );
});

test('a label of many is found, and too many are refused', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  validateLabels(many(65_536));
  expect(() => validateLabels({ ...many(1_000), last: 'v'.repeat(10 * 1024 * 1024) })).toThrow('key: last');
  expect(() => validateLabels(many(65_537))).toThrow('info.Labels: more than 65536 labels');
});

test('empty values are not stored', () => {
  expect(storedLabels({ a: '', b: 'x', c: '' })).toEqual({ b: 'x' });
});
