import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const through = (url: string, environment: Record<string, string>) => proxyFor(new URL(url), environment);

test('each scheme has its proxy, in upper or lower case', () => {
  const environment = { HTTP_PROXY: 'http://plain:1', https_proxy: 'secure:2' };
  expect(through('http://r.example/', environment)).toBe('http://plain:1');
  expect(through('https://r.example/', environment)).toBe('http://secure:2');
  expect(through('https://r.example/', { HTTP_PROXY: 'http://plain:1' })).toBeUndefined();
});

test('loopback is spoken to directly', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.9.9.9:1', '[::1]:5000']) {
    expect(through(`http://${host}/`, { HTTP_PROXY: 'http://p' })).toBeUndefined();
  }
});

describe('NO_PROXY', () => {
  test.each([
    ['example.com', 'example.com', true],
    ['example.com', 'r.example.com', true],
    ['example.com', 'notexample.com', false],
    ['.example.com', 'example.com', false],
    ['.example.com', 'r.example.com', true],
    ['*.example.com', 'r.example.com', true],
    ['EXAMPLE.com', 'r.example.com', true],
    ['a, example.com ,b', 'example.com', true],
    ['example.com:443', 'example.com', true],
    ['example.com:444', 'example.com', false],
    ['example.com:444', 'example.com:444', true],
    ['*', 'anything.example', true],
    ['10.0.0.0/8', '10.2.3.4', true],
    ['10.0.0.0/8', '11.2.3.4', false],
    ['10.0.0.0/8', 'r.example', false],
    ['10.1.1.1', '10.1.1.1', true],
    ['10.1.1.1:80', '10.1.1.1', false],
    ['fd00::/8', '[fd00::1]', true],
    ['fd00::1', '[fd00::1]', true],
    ['10.0.0.0/99', '10.2.3.4', false],
    ['', 'example.com', false],
  ])('%j for %s', (noProxy, host, direct) => {
    const proxy = through(`https://${host}/`, { HTTPS_PROXY: 'http://p', NO_PROXY: noProxy });
    expect(proxy).toBe(direct ? undefined : 'http://p');
  });
});

test('a proxy that is none is an error which does not show it', () => {
  const wrong = () => through('http://r.example', { HTTP_PROXY: 'gopher://me:secret@p' });
  expect(wrong).toThrow('HTTP_PROXY is no URL of a proxy');
});
