import { GantryError, messageOf, wrap } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { connectionError, refusal } from '../errors.ts';
import type { HostSessionDeps, RepositoryName } from '../host-session.ts';
import { follow } from '../http/redirects.ts';
import { send } from '../http/request.ts';
import { withPatience } from '../http/retry.ts';
import { showUrl } from '../mask.ts';
import type { Range, RemoteBlob } from '../repository.ts';
import { fetchHeaders, openedBlob } from './fetch.ts';

/**
 * Opens a blob at one of the places that its descriptor names, as anybody: they were chosen by whoever made the image.
 * @throws GantryError that also says what the registry's hosts answered
 */
export async function fetchForeign(
  deps: HostSessionDeps,
  descriptor: Descriptor,
  range: Partial<Range>,
  {
    signal,
    asked,
    about,
  }: { readonly signal: AbortSignal; readonly asked: GantryError; readonly about: RepositoryName },
): Promise<RemoteBlob> {
  const said: string[] = [];
  let last: GantryError = asked;
  for (const text of descriptor.urls ?? []) {
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) continue;
    const url = new URL(text);
    try {
      return await open(deps, url, descriptor, range, { signal, about });
    } catch (error) {
      if (signal.aborted) throw error;
      last = wrap(error, showUrl(url));
      said.push(last.message);
    }
  }
  throw new GantryError(last.kind, [messageOf(asked), ...said].join('; '), { cause: last });
}

async function open(
  { transport }: HostSessionDeps,
  url: URL,
  descriptor: Descriptor,
  range: Partial<Range>,
  { signal, about }: { readonly signal: AbortSignal; readonly about: RepositoryName },
): Promise<RemoteBlob> {
  const settings = { tls: undefined, dialTimeoutMs: about.dialTimeoutMs, bulk: true };
  const headers = { ...fetchHeaders(descriptor.mediaType, range), 'user-agent': about.userAgent };
  const request = { method: 'GET', url, headers, signal } as const;
  const answer = await withPatience({ attempts: 3, signal }, () =>
    follow(request, (current) => send(transport.dispatcher(current.url, settings), current)),
  ).catch((error) => Promise.reject(connectionError(error, signal)));
  if (answer.status !== 200 && answer.status !== 206) throw await refusal(answer);
  return openedBlob(answer, descriptor, range, { host: url.host, signal });
}
