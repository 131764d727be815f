/** What a registry is told to know who asks. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A token that the registry gave at an earlier login, to be exchanged for others. */
  | { readonly kind: 'refresh-token'; readonly token: string }
  /** The value of the Authorization header, as it is. */
  | { readonly kind: 'header'; readonly authorization: string };

/** Docker's name of its own registry wherever credentials are kept. */
const hubServer = 'https://index.docker.io/v1/';
const hubHosts: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The name under which docker keeps the credentials of a host: the host, but for its own registry. */
export function serverNameOf(host: string): string {
  return hubHosts.has(host) ? hubServer : host;
}

/** The host that a key of a docker configuration is about; older versions wrote URLs. */
export function hostOfServer(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}

/** Whether a key of a docker configuration is about a host. */
export function isServerOf(server: string, host: string): boolean {
  return server === host || serverNameOf(hostOfServer(server)) === serverNameOf(host);
}
