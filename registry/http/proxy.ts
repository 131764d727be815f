import { BlockList, isIP } from 'node:net';
import { failedPrecondition } from '../../base/errors.ts';

/** Variables that say through whom to speak, in either case. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as programs in Go understand them: loopback is always
 * spoken to directly, and NO_PROXY knows domains, addresses, networks, and ports.
 * @throws GantryError failed-precondition for a variable that holds no URL of a proxy; its text may hold a password
 */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  // A CGI program would be told its HTTP_PROXY by whoever asks it.
  const text = name === 'HTTP_PROXY' && environment['REQUEST_METHOD'] !== undefined ? '' : lookUp(environment, name);
  if (text === '' || isDirect(url, lookUp(environment, 'NO_PROXY'))) return undefined;
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(full) ? new URL(full) : undefined;
  if (proxy === undefined || !['http:', 'https:', 'socks5:', 'socks5h:'].includes(proxy.protocol)) {
    throw failedPrecondition(`${name} is no URL of a proxy`);
  }
  return proxy.protocol === 'socks5h:' ? full.replace(/^socks5h/i, 'socks5') : full;
}

function lookUp(environment: Environment, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

function isDirect(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)) return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const [, name = entry, entryPort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return bare === host;
  // `example.com` means its subdomains too, `.example.com` and `*.example.com` only them.
  const suffix = bare.replace(/^\*/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inNetwork(entry: string, host: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  const family = isIP(network);
  const bits = Number(prefix);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix) || bits > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
