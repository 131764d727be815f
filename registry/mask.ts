const hidden = '<masked>';

/**
 * Takes out of a text what lets its reader in somewhere: user names and passwords in URLs, their query strings (a signed
 * URL is a key to the bytes), and what follows an authentication scheme.
 */
export function mask(text: string): string {
  return text
    .replace(
      /\b([a-z][a-z0-9+.-]{0,31}:\/\/)([^\s"'<>]*)/gi,
      (_, scheme: string, rest: string) => scheme + maskUrl(rest),
    )
    .replace(/\b(basic|bearer|negotiate)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`)
    .replace(
      /("?(?:access_token|refresh_token|token|password|secret|signature)"?\s*[:=]\s*"?)[^\s"'&,}]+/gi,
      `$1${hidden}`,
    );
}

/** What follows the scheme of a URL. The whole is taken at once, so that no text can make it be looked at again and again. */
function maskUrl(text: string): string {
  const end = text.search(/[?#]/);
  const place = end === -1 ? text : text.slice(0, end);
  const slash = place.indexOf('/');
  const at = place.slice(0, slash === -1 ? undefined : slash).lastIndexOf('@');
  const query = end === -1 || text.length === end + 1 ? text.slice(place.length) : `${text[end]}${hidden}`;
  return `${at === -1 ? '' : `${hidden}@`}${place.slice(at + 1)}${query}`;
}

/** A URL as it may be shown: where it leads, not what opens it. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : `?${hidden}`}`;
}
