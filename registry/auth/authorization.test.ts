import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { parseReference } from '../../image/reference.ts';
import { type Asked, json, LocalServer } from '../../test/helpers/local-server.ts';
import { RegistryClient } from '../client.ts';
import type { Credentials, FindCredentials } from '../repository.ts';

const signal = AbortSignal.timeout(20_000);
let client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });

afterEach(async () => {
  await client.close();
  client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });
});

interface Script {
  /** Values of `Authorization` that open the registry. */
  readonly accepts: readonly string[];
  readonly token?: (asked: Asked, response: ServerResponse, count: number) => void;
  readonly challenge?: (host: string) => string | string[];
}

/** A registry that lists one tag to who may see it, and is its own token server. */
async function registryThat({ accepts, token, challenge }: Script) {
  let tokens = 0;
  const server: LocalServer = await LocalServer.start((asked, response) => {
    if (asked.url.startsWith('/token')) return token?.(asked, response, tokens++);
    if (accepts.includes(asked.headers.authorization ?? '')) return json(response, 200, { tags: ['v1'] });
    const header =
      challenge?.(server.host) ?? `Bearer realm="${server.url}/token",service="s",scope="repository:a/b:pull"`;
    response.setHeader('www-authenticate', header);
    json(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] });
  });
  return server;
}

async function tags(server: LocalServer, credentials?: Credentials, path = 'a/b') {
  const findCredentials: FindCredentials = async () => ({
    ...(credentials && { credentials }),
    lookedIn: ['~/.docker/config.json'],
  });
  const repository = await client.repository(parseReference(`${server.host}/${path}`), {
    findCredentials,
    defaultScheme: 'http',
  });
  return Array.fromAsync(repository.tags({ signal }));
}

const tokensOf = (server: LocalServer) => server.asked.filter(({ url }) => url.startsWith('/token'));
const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const user = { kind: 'basic', username: 'me', password: 'secret: ü' } as const;

test('anybody gets a token for what was asked, and keeps it for all repositories and the next time', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t1'],
    token: (_, response) => json(response, 200, { token: 't1', expires_in: 300 }),
  });
  expect(await tags(server)).toEqual(['v1']);
  expect(await tags(server)).toEqual(['v1']);
  expect(tokensOf(server)).toHaveLength(1);
  const url = new URL(tokensOf(server)[0]?.url ?? '', server.url);
  expect(Object.fromEntries(url.searchParams)).toEqual({ service: 's', scope: 'repository:a/b:pull' });
  expect(tokensOf(server)[0]?.headers.authorization).toBeUndefined();
});

test('many requests at once ask for one token', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t1'],
    token: (_, response) => json(response, 200, { access_token: 't1' }),
  });
  await Promise.all(Array.from({ length: 8 }, () => tags(server)));
  expect(tokensOf(server)).toHaveLength(1);
});

test('a password is shown to the token server only', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t1'],
    token: (_, response) => json(response, 200, { token: 't1' }),
  });
  expect(await tags(server, user)).toEqual(['v1']);
  expect(tokensOf(server)[0]?.headers.authorization).toBe(basicOf('me:secret: ü'));
  const others = server.asked.filter(({ url }) => !url.startsWith('/token'));
  expect(others.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer t1']);
});

test('who has other credentials gets another token', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t0', 'Bearer t1'],
    token: (_, response, count) => json(response, 200, { token: `t${count}` }),
  });
  await tags(server, user);
  await tags(server, { ...user, password: 'other' });
  expect(tokensOf(server)).toHaveLength(2);
});

test('a refresh token is exchanged by OAuth', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t1'],
    token: (_, response) => json(response, 200, { access_token: 't1' }),
  });
  expect(await tags(server, { kind: 'refresh-token', token: 'long lived' })).toEqual(['v1']);
  const [asked] = tokensOf(server);
  expect(asked?.method).toBe('POST');
  expect(Object.fromEntries(new URLSearchParams(String(asked?.body)))).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'long lived',
    service: 's',
    client_id: 'gantry',
    scope: 'repository:a/b:pull',
  });
});

test('a token server that knows no GET is asked by OAuth', async () => {
  await using server = await registryThat({
    accepts: ['Bearer t1'],
    token: (asked, response) => json(response, asked.method === 'POST' ? 200 : 405, { access_token: 't1' }),
  });
  expect(await tags(server, user)).toEqual(['v1']);
  expect(new URLSearchParams(String(tokensOf(server)[1]?.body)).get('grant_type')).toBe('password');
});

test('a token that is not taken any more is replaced', async () => {
  const accepts = ['Bearer t0'];
  await using server = await registryThat({
    accepts,
    token: (_, response, count) =>
      json(response, 200, { token: `t${count}`, expires_in: 3_600, issued_at: '1999-01-01T00:00:00Z' }),
  });
  await tags(server);
  await tags(server);
  expect(tokensOf(server)).toHaveLength(1);
  accepts[0] = 'Bearer t1';
  expect(await tags(server)).toEqual(['v1']);
  expect(tokensOf(server)).toHaveLength(2);
});

test('basic authentication is used where it is asked for', async () => {
  await using server = await registryThat({
    accepts: [basicOf('me:secret: ü')],
    challenge: () => ['Negotiate', 'Basic realm="r"'],
  });
  expect(await tags(server, user)).toEqual(['v1']);
  expect(server.asked).toHaveLength(2);
});

test('a whole header is used as it is', async () => {
  await using server = await registryThat({ accepts: ['Custom x'], challenge: () => 'Custom' });
  expect(await tags(server, { kind: 'header', authorization: 'Custom x' })).toEqual(['v1']);
});

describe('turned away', () => {
  const refused = async (server: LocalServer, credentials?: Credentials) => {
    const error = await tags(server, credentials).catch((thrown) => thrown);
    expect(String(error.stack)).not.toContain('secret');
    return error;
  };

  test('for good, after a bounded number of tries', async () => {
    await using server = await registryThat({
      accepts: [],
      token: (_, response, count) => json(response, 200, { token: `t${count}` }),
    });
    const error = await refused(server, user);
    expect(error.kind).toBe('unauthenticated');
    expect(error.message).toBe(
      `list tags of ${server.host}/a/b: ${server.host}: 401 unauthorized: unauthorized (authentication required); ` +
        'credentials were looked for in ~/.docker/config.json',
    );
    expect(server.asked.length).toBeLessThanOrEqual(6);
  });

  test('with a wrong password by basic authentication, at once', async () => {
    await using server = await registryThat({ accepts: [], challenge: () => 'Basic realm="r"' });
    expect((await refused(server, user)).kind).toBe('unauthenticated');
    expect(server.asked).toHaveLength(2);
  });

  test('by the token server, which is named', async () => {
    await using server = await registryThat({
      accepts: [],
      token: (_, response) => json(response, 401, { details: 'incorrect username or password' }),
    });
    const error = await refused(server, user);
    expect(error.kind).toBe('unauthenticated');
    expect(error.message).toContain(`token server ${server.host}: 401 unauthorized: incorrect username or password`);
  });

  test.each([
    ['HTML', '<html>secret</html>', 'its answer is no JSON object'],
    ['a list', '["secret"]', 'its answer has no token'],
    ['no token', '{"tokn":"secret"}', 'its answer has no token'],
    ['a token that would be a header', '{"token":"secret\\r\\nx: y"}', 'its answer has no token'],
    ['too much', `"${'secret'.repeat(200_000)}"`, 'larger than 1048576 bytes'],
  ])('by a token server that answers with %s', async (_, body, message) => {
    await using server = await registryThat({ accepts: [], token: (__, response) => response.end(body) });
    expect((await refused(server)).message).toContain(message);
  });

  test.each([
    ['Bearer realm="ftp://x"', 'its token server (realm) is no HTTP URL'],
    ['Bearer service="x"', 'its token server (realm) is no HTTP URL'],
    ['Negotiate', '401 unauthorized'],
    ['', '401 unauthorized'],
  ])('with the challenge %j', async (challenge, message) => {
    await using server = await registryThat({ accepts: [], challenge: () => challenge });
    expect((await refused(server, user)).message).toContain(message);
  });
});

test('a redirect to another host takes no pass along, and its refusal asks for none', async () => {
  await using other = await LocalServer.start((_, response) => {
    response.setHeader('www-authenticate', 'Basic realm="give"');
    json(response, 401, {});
  });
  await using server = await LocalServer.start((asked, response) => {
    if (asked.headers.authorization === undefined) response.setHeader('www-authenticate', 'Basic realm="r"');
    else response.setHeader('location', `${other.url}/x?signature=abc`);
    json(response, asked.headers.authorization === undefined ? 401 : 307, {});
  });
  await expect(tags(server, user)).rejects.toMatchObject({ kind: 'unauthenticated' });
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('who was sent elsewhere and is turned away there is not asked for credentials', async () => {
  await using other = await LocalServer.start((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end();
  });
  await using server = await LocalServer.start((_, response) => {
    response.writeHead(307, { location: `${other.url}/x` }).end();
  });
  await expect(tags(server, user)).rejects.toMatchObject({ kind: 'unauthenticated' });
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});
