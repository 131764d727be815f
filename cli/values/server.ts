import { invalidArgument } from '../../base/errors.ts';
import { parseReference } from '../../image/reference.ts';

/**
 * The host of a registry as references have it, from what people give: `localhost:5000`, `https://index.docker.io/v1/`.
 * @throws GantryError invalid-argument
 */
export function parseServer(text: string): string {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  if (host === 'index.docker.io' || host === 'registry-1.docker.io') return 'docker.io';
  try {
    // What is no host becomes part of the path.
    if (parseReference(`${host}/x`).domain === host) return host;
  } catch {
    // Said below in terms of what was given.
  }
  throw invalidArgument(`registry "${text}": must be a host with a domain or port, such as registry.example:5000`);
}
