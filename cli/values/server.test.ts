import { expect, test } from 'vitest';
import { parseServer } from './server.ts';

test.each([
  ['docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['registry.example', 'registry.example'],
  ['https://registry.example:5000/v2/', 'registry.example:5000'],
  ['localhost', 'localhost'],
  ['127.0.0.1:5000', '127.0.0.1:5000'],
])('parseServer of %s is %s', (text, host) => {
  expect(parseServer(text)).toBe(host);
});

test.each(['', 'registry', 'a b', 'https://', 'x/y', 'r.example:port', 'r.example\u001b'])(
  'parseServer refuses %j',
  (text) => {
    expect(() => parseServer(text)).toThrow('must be a host');
  },
);
