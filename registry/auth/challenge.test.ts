import { expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

const parsed = (header: string | string[] | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...parameters }));

test('a bearer challenge has its realm, service and scope', () => {
  const header = 'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull"';
  expect(parsed(header)).toEqual([
    {
      scheme: 'bearer',
      realm: 'https://auth.example/token',
      service: 'registry.example',
      scope: 'repository:a/b:pull',
    },
  ]);
});

test('one line holds several challenges, and there may be several lines', () => {
  const header = ['Negotiate, Basic realm="x, y=z", charset=UTF-8', 'BEARER Realm = https://auth.example/t'];
  expect(parsed(header)).toEqual([
    { scheme: 'negotiate' },
    { scheme: 'basic', realm: 'x, y=z', charset: 'UTF-8' },
    { scheme: 'bearer', realm: 'https://auth.example/t' },
  ]);
});

test('quotes in a value are unescaped', () => {
  expect(parsed('Basic realm="a \\"b\\" \\\\ c"')).toEqual([{ scheme: 'basic', realm: 'a "b" \\ c' }]);
});

test('a token in place of parameters is skipped', () => {
  expect(parsed('Negotiate YWJj==, Basic realm="r"')).toEqual([
    { scheme: 'negotiate' },
    { scheme: 'basic', realm: 'r' },
  ]);
});

test('what is no challenge ends its line', () => {
  expect(parsed('Basic realm="r" "garbage')).toEqual([{ scheme: 'basic', realm: 'r' }]);
  expect(parsed('="')).toEqual([]);
  expect(parsed('')).toEqual([]);
  expect(parsed(undefined)).toEqual([]);
});

test('a hostile line takes no time', () => {
  const startedAt = performance.now();
  parseChallenges([
    `Bearer ${'a="\\'.repeat(200_000)}`,
    `Bearer ${'a '.repeat(300_000)}`,
    `Bearer a=${'"'.repeat(500_000)}`,
  ]);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
