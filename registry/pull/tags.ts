import { failedPrecondition } from '../../base/errors.ts';
import type { AskOptions, HostSession } from '../host-session.ts';
import { pagesOf } from './pages.ts';

const pageSize = 1_000;

/** The tags of a repository at one host, a page at a time. */
export async function* tagPagesAt(session: HostSession, options: AskOptions): AsyncGenerator<readonly string[]> {
  const question = { method: 'GET', path: 'tags/list', query: { n: String(pageSize) } } as const;
  for await (const { bytes } of pagesOf(session, question, options)) yield tagsIn(bytes);
}

function tagsIn(bytes: Buffer): string[] {
  let tags: unknown;
  try {
    tags = (JSON.parse(bytes.toString('utf8')) as { tags?: unknown } | null)?.tags;
  } catch {
    throw failedPrecondition('its list of tags is no JSON');
  }
  if (tags === null || tags === undefined) return [];
  if (!Array.isArray(tags)) throw failedPrecondition('its list of tags is none');
  return tags.filter((tag) => typeof tag === 'string');
}
