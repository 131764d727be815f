import { failedPrecondition } from '../../base/errors.ts';
import type { AskOptions, HostSession, Question } from '../host-session.ts';
import type { HttpAnswer } from '../http/request.ts';
import { showUrl } from '../mask.ts';
import { readDocument } from './document.ts';

const maxPages = 1_000;

/** One page of a list. */
export interface Page {
  readonly answer: HttpAnswer;
  readonly bytes: Buffer;
}

/**
 * Reads a list page by page, as far as the host's links lead: to itself only, and to no page twice.
 * @throws GantryError failed-precondition for links that lead elsewhere or never end; the refusal of a page
 */
export async function* pagesOf(session: HostSession, question: Question, options: AskOptions): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let current = question;
  for (let count = 0; count < maxPages; count += 1) {
    const answer = await session.ask(current, options);
    if (answer.status !== 200) throw await session.refusal(answer);
    const next = nextOf(answer);
    yield { answer, bytes: await readDocument(answer) };
    if (next === undefined) return;
    if (seen.has(next.href)) throw failedPrecondition(`its list leads back to ${showUrl(next)}`);
    seen.add(next.href);
    const { query: _, ...rest } = question;
    current = { ...rest, path: next };
  }
  throw failedPrecondition(`its list has more than ${maxPages} pages`);
}

/** The next page by the answer's `Link` header (RFC 8288), relative to where the answer came from. */
function nextOf({ headers, url }: HttpAnswer): URL | undefined {
  const header = [headers['link'] ?? []].flat().join(', ');
  const [, target] = /<([^<>]{1,4096})>\s*;[^<]*?\brel\s*=\s*"?next\b/i.exec(header) ?? [];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
  if (next === undefined || next.host !== url.host) throw failedPrecondition('its list goes on at another host');
  // Behind a proxy that ends TLS a registry may name itself wrongly.
  next.protocol = url.protocol;
  return next;
}
