import { failedPrecondition } from '../../base/errors.ts';

/** Where a host of hosts.toml is. */
export interface HostUrl {
  readonly scheme: string;
  readonly authority: string;
  /** Of its API, as `/v2`. */
  readonly path: string;
}

/**
 * Reads a URL of hosts.toml. `https://` goes without saying, and `/v2` at its end too unless the path is to stay as it is.
 * @param where what names the URL, for the error
 * @throws GantryError failed-precondition for what is no URL of a registry
 */
export function parseHostUrl(text: string, overridePath: boolean, where: string): HostUrl {
  const full = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  const url =
    URL.canParse(full) && !/^[a-z]+:\/\//i.test(full.replace(/^https?:\/\//i, '')) ? new URL(full) : undefined;
  if (
    url === undefined ||
    url.hostname === '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username + url.password !== ''
  ) {
    throw failedPrecondition(
      `${where}: must be a URL such as https://mirror.example.com, with nothing but a path after it`,
    );
  }
  const path = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  // Kept as it is written, since a URL forgets a port that goes without saying.
  const authority = /^https?:\/\/([^/]+)/i.exec(full)?.[1] ?? url.host;
  return {
    scheme: url.protocol.slice(0, -1),
    authority: authority.toLowerCase(),
    path: overridePath || path.endsWith('/v2') ? path : `${path}/v2`,
  };
}
