import { afterAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { mediaTypes } from '../../image/manifest.ts';
import { parseReference } from '../../image/reference.ts';
import { type Answer, json, LocalServer } from '../../test/helpers/local-server.ts';
import { RegistryClient } from '../client.ts';

const signal = AbortSignal.timeout(20_000);
const client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });

afterAll(() => client.close());

async function repositoryAt(server: LocalServer) {
  return client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
}

async function tags(answer: Answer): Promise<{ tags: string[]; lines: string[] }> {
  await using server = await LocalServer.start(answer);
  return { tags: await Array.fromAsync((await repositoryAt(server)).tags({ signal })), lines: server.lines };
}

/** Answers with a tag named by the query, and a link. */
const linking =
  (link: (url: string) => string | undefined): Answer =>
  (asked, response) => {
    const next = link(asked.url);
    if (next !== undefined) response.setHeader('link', next);
    json(response, 200, { tags: [asked.url.replace(/.*last=/, '')] });
  };

describe('tags', () => {
  test('come page by page', async () => {
    const pages = linking((url) =>
      url.endsWith('last=b')
        ? undefined
        : `</v2/a/b/tags/list?n=1&last=${url.includes('last=a') ? 'b' : 'a'}>; rel="next"`,
    );
    expect(await tags(pages)).toEqual({
      tags: ['/v2/a/b/tags/list?n=1000', 'a', 'b'],
      lines: ['GET /v2/a/b/tags/list?n=1000', 'GET /v2/a/b/tags/list?n=1&last=a', 'GET /v2/a/b/tags/list?n=1&last=b'],
    });
  });

  test('may be none', async () => {
    expect((await tags((_, response) => json(response, 200, { name: 'a/b', tags: null }))).tags).toEqual([]);
  });

  test.each([
    ['in a circle', linking(() => '<?last=x>; rel=next'), 'its list leads back to'],
    ['to another host', linking(() => '<http://other.example/>; rel="next"'), 'its list goes on at another host'],
    ['of no JSON', ((_, response) => response.end('x')) satisfies Answer, 'its list of tags is no JSON'],
    ['of no list', ((_, response) => json(response, 200, { tags: {} })) satisfies Answer, 'its list of tags is none'],
  ])('%s are an error', async (_, answer, message) => {
    await expect(tags(answer)).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: expect.stringContaining(message),
    });
  });
});

describe('referrers', () => {
  const digest = sha256Of('image');
  const referrer = (name: string, artifactType: string) => ({
    mediaType: mediaTypes.ociManifest,
    digest: sha256Of(name),
    size: 1,
    artifactType,
  });
  const signature = referrer('one', 'application/x.signature');
  const other = referrer('two', 'application/x.other');
  const index = (...manifests: object[]) => ({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });

  async function referrers(answer: Answer, artifactType?: string) {
    await using server = await LocalServer.start(answer);
    const repository = await repositoryAt(server);
    const found = await repository.referrers(digest, { signal, ...(artifactType && { artifactType }) });
    return { found, lines: server.lines };
  }

  test('are those of the list, filtered if the host does not', async () => {
    const { found, lines } = await referrers(
      (_, response) => json(response, 200, index(signature, other)),
      signature.artifactType,
    );
    expect(found).toEqual([signature]);
    expect(lines).toEqual([`GET /v2/a/b/referrers/${digest}?artifactType=application%2Fx.signature`]);
  });

  test('come page by page', async () => {
    const { found } = await referrers((_, response, count) => {
      if (count === 0) response.setHeader('link', `</v2/a/b/referrers/${digest}?page=2>; rel="next"`);
      json(response, 200, index(count === 0 ? signature : other));
    });
    expect(found).toEqual([signature, other]);
  });

  test('are those of the tag where there is no list, and none where there is no tag either', async () => {
    const { found, lines } = await referrers(({ url }, response) =>
      url.includes('/referrers/') ? json(response, 404, {}) : json(response, 200, index(signature)),
    );
    expect(found).toEqual([signature]);
    expect(lines[1]).toBe(`GET /v2/a/b/manifests/${digest.replace(':', '-')}`);
    expect((await referrers((_, response) => json(response, 404, {}))).found).toEqual([]);
  });

  test('a list that is none, or that may not be seen, is an error and not empty', async () => {
    await expect(referrers((_, response) => json(response, 200, { manifests: {} }))).rejects.toMatchObject({
      kind: 'failed-precondition',
    });
    await expect(referrers((_, response) => json(response, 403, {}))).rejects.toMatchObject({
      kind: 'permission-denied',
    });
  });
});
