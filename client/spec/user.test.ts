import { expect, test } from 'vitest';
import { isKind } from '../../base/errors.ts';
import { resolveUser } from './user.ts';
import { findUser } from './user-files.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/:/bin/false
app:x:1000:1001:app:/home/app:/bin/sh
`;
const group = `root:x:0:
daemon:x:1:
app:x:1001:
audio:x:29:app, daemon
video:x:44:app
`;

function rootfs(files: Record<string, string>) {
  return async (path: string) => files[path];
}

const ordinary = rootfs({ '/etc/passwd': passwd, '/etc/group': group });

test.each([
  ['', { uid: 0, gid: 0, additionalGids: [0] }],
  ['root', { uid: 0, gid: 0, additionalGids: [0] }],
  ['app', { uid: 1000, gid: 1001, additionalGids: [1001, 29, 44] }],
  ['1000', { uid: 1000, gid: 1001, additionalGids: [1001, 29, 44] }],
  ['01000', { uid: 1000, gid: 1001, additionalGids: [1001, 29, 44] }],
  ['5555', { uid: 5555, gid: 0, additionalGids: [0] }],
  ['5555:7', { uid: 5555, gid: 7, additionalGids: [7] }],
  ['app:video', { uid: 1000, gid: 44, additionalGids: [44, 29] }],
  ['0:0', { uid: 0, gid: 0, additionalGids: [0] }],
  ['2147483647:2147483647', { uid: 2147483647, gid: 2147483647, additionalGids: [2147483647] }],
])('resolveUser %j', async (text, expected) => {
  expect(await resolveUser(text, ordinary)).toEqual(expected);
});

test('resolveUser needs no files for numbers', async () => {
  expect(await resolveUser('12:34', rootfs({}))).toEqual({ uid: 12, gid: 34, additionalGids: [34] });
});

test.each(['nobody-here', 'app:nogroup-here', '1e1', '0x0', '0b1', '٣'])(
  'resolveUser does not find %j',
  async (text) => {
    const failure = await resolveUser(text, ordinary).catch((error: unknown) => error);
    expect(isKind(failure, 'not-found')).toBe(true);
  },
);

// An image whose files give names to what must stay a number out of range would otherwise hand out root.
const hostile = ['2147483648', '4294967296', '18446744073709551616', '-1', '+0', '00000000004294967296'];
const hostileFiles = rootfs({
  '/etc/passwd': hostile.map((name) => `${name}:x:0:0::/:/bin/sh\n`).join(''),
  '/etc/group': hostile.map((name) => `${name}:x:0:\n`).join(''),
});

test.each([...hostile, ...hostile.map((id) => `1:${id}`), ':', ':0', '0:', 'a:b:c'])(
  'resolveUser refuses %j even if the image names a user so',
  async (text) => {
    const failure = await resolveUser(text, hostileFiles).catch((error: unknown) => error);
    expect(isKind(failure, 'invalid-argument')).toBe(true);
  },
);

test.each(['1e1', '0x0'])('%s is a name where the image has it, and never the number', async (name) => {
  const files = rootfs({ '/etc/passwd': `zero:x:0:0::/:/bin/sh\n${name}:x:77:78::/:/bin/sh\n` });
  expect(await resolveUser(name, files)).toEqual({ uid: 77, gid: 78, additionalGids: [78] });
});

test('an entry whose ids are no ids does not exist, rather than being root', async () => {
  const files = rootfs({
    '/etc/passwd': 'evil:x::0::/:\nevil:x:abc:0::/:\nevil:x:4294967296:0::/:\nevil:x:-1:0::/:\nevil\n:x:0:0::/:\n',
  });
  const failure = await resolveUser('evil', files).catch((error: unknown) => error);
  expect(isKind(failure, 'not-found')).toBe(true);
});

test('comments, blank lines and Windows line ends are passed over', () => {
  expect(findUser('# app:x:1:1\n\n  \nroot:x:0:0:::\r\napp:x:5:6:::\r\n', ({ name }) => name === 'app')).toEqual({
    name: 'app',
    uid: 5,
    gid: 6,
  });
});

test('a group file that lists a user endlessly gives a bounded number of groups', async () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `g${n}:x:${n + 10}:app`).join('\n');
  const { additionalGids } = await resolveUser('app', rootfs({ '/etc/passwd': passwd, '/etc/group': lines }));
  expect(additionalGids?.length).toBeLessThanOrEqual(1_025);
  expect(additionalGids?.[0]).toBe(1001);
});

test('a file of nothing but line ends is read in no time and memory', async () => {
  const lines = '\n'.repeat(1024 * 1024);
  expect(await resolveUser('', rootfs({ '/etc/passwd': lines, '/etc/group': lines }))).toMatchObject({
    uid: 0,
    gid: 0,
  });
});
