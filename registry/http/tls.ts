import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { failedPrecondition, messageOf } from '../../base/errors.ts';
import type { TlsSettings } from '../hosts/host.ts';

/** Node's options of a TLS connection to a host. */
export interface TlsOptions {
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: boolean;
}

let trusted: readonly string[] | undefined;

/**
 * Reads the settings once for all connections that are made with them.
 * @throws GantryError failed-precondition for a certificate or key that OpenSSL does not take
 */
export function tlsOptions({ ca, client, skipVerify }: TlsSettings): TlsOptions {
  try {
    const secureContext = createSecureContext({
      ca: [...trustedAuthorities(), ...ca],
      cert: client.map(({ cert }) => cert),
      key: client.map(({ key }) => key),
    });
    return { secureContext, ...(skipVerify ? { rejectUnauthorized: false } : {}) };
  } catch (error) {
    throw failedPrecondition(`TLS settings: ${messageOf(error)}`);
  }
}

/** Those of the machine, as other programs on it trust them, and Node's own where it has none. */
export function trustedAuthorities(): readonly string[] {
  if (trusted === undefined) {
    const system = getCACertificates('system');
    trusted = [
      ...new Set([...(system.length > 0 ? system : getCACertificates('bundled')), ...getCACertificates('extra')]),
    ];
  }
  return trusted;
}
