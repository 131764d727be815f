const hidden = '<masked>';

/**
 * Takes out of a text what lets its reader in somewhere: user names and passwords in URLs, their query strings (a signed
 * URL is a key to the bytes), and what follows an authentication scheme.
 */
export function mask(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*@/gi, `$1${hidden}@`)
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*\?)[^\s"'<>]+/gi, `$1${hidden}`)
    .replace(/\b(basic|bearer|negotiate)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`)
    .replace(
      /("?(?:access_token|refresh_token|token|password|secret|signature)"?\s*[:=]\s*"?)[^\s"'&,}]+/gi,
      `$1${hidden}`,
    );
}

/** A URL as it may be shown: where it leads, not what opens it. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : `?${hidden}`}`;
}
