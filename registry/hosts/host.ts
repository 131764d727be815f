/** What a host may be asked for: blobs and manifests by digest, what a tag names, uploads, lists of referrers. */
export const capabilities = ['pull', 'resolve', 'push', 'referrers'] as const;
export type Capability = (typeof capabilities)[number];

/** How to know a host and be known to it. All of it is PEM text. */
export interface TlsSettings {
  /** Certificate authorities besides the machine's own. */
  readonly ca: readonly string[];
  readonly client: readonly { readonly cert: string; readonly key: string }[];
  /** Takes any certificate. */
  readonly skipVerify: boolean;
}

/** One server that can be asked for what a registry has. */
export interface RegistryHost {
  /** `https` or `http`. */
  readonly scheme: string;
  /** Host with optional port. */
  readonly authority: string;
  /** Path of the API, as `/v2`. */
  readonly path: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly tls: TlsSettings | undefined;
  /** How long a connection may take to be made. */
  readonly dialTimeoutMs: number | undefined;
  /** Where the scheme is a guess: TLS is tried first, and plain HTTP if the host does not speak it. */
  readonly mayFallBackToHttp: boolean;
  /** It stands for the registry itself and not for a copy of it, so it has the last word. */
  readonly isUpstream: boolean;
}

const noTls: TlsSettings = { ca: [], client: [], skipVerify: false };

/**
 * The host of a registry that nothing is configured for. Loopback hosts are spoken to as Docker does: over TLS without
 * looking at certificates, or plainly if they do not know it.
 * @param scheme what the caller insists on
 */
export function defaultHost(domain: string, scheme?: string, settings?: Partial<TlsSettings>): RegistryHost {
  const authority = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const loopback = domain !== 'docker.io' && isLoopback(domain);
  const port = /:(\d+)$/.exec(domain)?.[1];
  const guess = loopback && scheme === undefined;
  const chosen = scheme ?? (guess && port === '80' ? 'http' : 'https');
  const skipVerify = guess && port !== '80';
  return {
    scheme: chosen,
    authority,
    path: '/v2',
    capabilities: new Set(capabilities),
    headers: {},
    tls: settings === undefined && !skipVerify ? undefined : { ...noTls, skipVerify, ...settings },
    dialTimeoutMs: undefined,
    mayFallBackToHttp: guess && port !== undefined && port !== '80' && port !== '443',
    isUpstream: true,
  };
}

/** True for `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopback(authority: string): boolean {
  const host = authority.replace(/:\d+$/, '');
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether what is asked of the host has to name the registry that is meant (`ns=`). */
export function isProxyOf(host: RegistryHost, domain: string): boolean {
  return host.authority !== (domain === 'docker.io' ? 'registry-1.docker.io' : domain);
}

/** What of a host's settings holds where it redirects to: whom to trust, not who we are. */
export function elsewhere(tls: TlsSettings | undefined): TlsSettings | undefined {
  return tls === undefined || tls.client.length === 0 ? tls : { ...tls, client: [] };
}
