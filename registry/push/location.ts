import { failedPrecondition } from '../../base/errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import { showUrl } from '../mask.ts';

/**
 * Where an upload goes on, by an answer's `Location`: relative or absolute.
 * @throws GantryError failed-precondition if there is none, or one without TLS where the answer came over it
 */
export function locationOf({ headers, url }: HttpAnswer): URL {
  const text = headers.location;
  const location = text !== undefined && URL.canParse(text, url.href) ? new URL(text, url) : undefined;
  if (location === undefined || !/^https?:$/.test(location.protocol)) {
    throw failedPrecondition('does not say where to upload to');
  }
  if (url.protocol === 'https:' && location.protocol === 'http:') {
    // A registry behind a proxy that ends TLS often does not know of it.
    if (location.hostname !== url.hostname)
      throw failedPrecondition(`sends uploads without TLS to ${showUrl(location)}`);
    location.protocol = url.protocol;
    location.port = url.port;
  }
  return location;
}

/** The same place, with the digest by which an upload ends. */
export function closing(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}
