import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sys } from './sys.ts';
import { member, type TarMember, tarOf } from './tar-fixture.ts';
import { attributesOf, describeTree } from './tree-fixture.ts';

let directory: string;
let target: string;
const at = (...names: string[]) => join(directory, ...names);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-layer-'));
  target = at('target');
  await mkdir(target);
});

afterEach(() => sys.removeTree(directory));

async function apply(archive: Uint8Array) {
  await writeFile(at('layer'), archive);
  return sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain' });
}

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('what GNU tar packs', () => {
  let source: string;

  // Every kind of thing a file system holds, with names, times and attributes that need more than plain ustar.
  const script = `
    set -e
    mkdir -p etc usr/bin empty 'na me' "$(printf 'd%.0s' $(seq 120))/$(printf 'e%.0s' $(seq 120))"
    echo hello > etc/file; echo x > usr/bin/su; chmod 4755 usr/bin/su; chmod 2755 usr/bin; chmod 1777 empty
    chown 1234:5678 etc/file; chown 3000000:4000000 usr/bin/su; chmod 4755 usr/bin/su
    ln -s ../file etc/link; ln -s "$(printf 'l%.0s' $(seq 200))" long-link; ln -s /nowhere dangling; chown -h 7:8 etc/link
    ln etc/file usr/hard; ln etc/link usr/hard-symlink
    mknod null c 1 3; mknod disk b 8 17; chmod 640 disk; mkfifo fifo; chmod 622 fifo
    head -c 300000 /dev/urandom > "$(printf 'd%.0s' $(seq 120))/random"; : > 'na me/empty'
    printf 'caf\\303\\251 NFC' > "$(printf 'caf\\303\\251')"; printf 'NFD' > "$(printf 'cafe\\314\\201')"
    printf 'bytes' > "$(printf 'latin\\351')"; ln -s "$(printf 'cafe\\314\\201')" unicode-link
    mkdir -p "$(printf 'p%.0s' $(seq 60))/$(printf 'q%.0s' $(seq 60))"; (cd p*/q* && echo split > file)
    truncate -s 5M sparse; printf middle | dd of=sparse bs=1 seek=2000000 conv=notrunc status=none
    truncate -s 3M all-hole; printf start > hole-at-end; truncate -s 1M hole-at-end
    setfattr -n user.colour -v blue etc/file; setfattr -n user.binary -v 0x00ff0a3d00 etc; setfattr -n user.empty etc
    setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 usr/bin/su
    setfattr -n trusted.secret -v mine 'na me/empty'
    touch -d '2001-02-03 04:05:06.123456789 UTC' etc/file usr/bin/su null 'na me'
    touch -h -d '1999-12-31 23:59:59.5 UTC' etc/link; touch -d '2020-01-01 UTC' empty; touch -d '1970-01-01 UTC' usr etc`;

  beforeAll(async () => {
    source = await mkdtemp(join(tmpdir(), 'gantry-source-'));
    execFileSync('bash', ['-c', script], { cwd: source });
  });

  afterAll(() => rm(source, { recursive: true }));

  const posix = ['--format=posix', '--xattrs', '--xattrs-include=*'];
  const formats: readonly (readonly [string, readonly string[]])[] = [
    ['posix', posix],
    ['posix with sparse files', [...posix, '--sparse']],
    ['posix with sparse files 0.1', [...posix, '--sparse', '--sparse-version=0.1']],
    ['posix with sparse files 0.0', [...posix, '--sparse', '--sparse-version=0.0']],
    ['GNU', ['--format=gnu']],
    ['GNU with sparse files', ['--format=gnu', '--sparse']],
  ];

  test.each(formats)('%s', (_, options) => expectAsTarDoes(options, ['.']));

  const small = ['etc', 'empty', 'na me', 'caf\u00e9', 'dangling'];
  const linked = ['--no-recursion', 'usr', 'usr/hard'];
  const older: readonly (readonly [string, readonly string[]])[] = [
    ['v7', [...small, ...linked]],
    ['ustar', [...small, 'null', 'disk', 'fifo', 'p'.repeat(60), ...linked]],
    ['oldgnu', ['.']],
  ];

  test.each(older)('%s', (format, paths) => expectAsTarDoes([`--format=${format}`], paths));

  async function expectAsTarDoes(options: readonly string[], paths: readonly string[]): Promise<void> {
    execFileSync('tar', ['-C', source, ...options, '-cf', at('layer'), ...paths]);
    await mkdir(at('expected'));
    const extract = ['-xpf', at('layer'), '-C', at('expected'), '--numeric-owner', '--xattrs'];
    execFileSync('tar', [...extract, '--xattrs-include=*', '--xattrs-exclude=trusted.*']);
    const applied = await sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain' });
    expect(await describeTree(target)).toEqual(await describeTree(at('expected')));
    const archive = await readFile(at('layer'));
    expect(applied).toMatchObject({ diffId: digestOf(archive), compressedDigest: digestOf(archive) });
    expect(applied.sizeBytes).toBe(archive.length);
    expect(applied.opaqueRoot).toBe(false);
  }

  test('holes stay holes', async () => {
    execFileSync('tar', ['-C', source, ...posix, '--sparse', '-cf', at('layer'), 'sparse', 'all-hole', 'hole-at-end']);
    await sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain' });
    for (const [name, size] of [
      ['sparse', 5 << 20],
      ['all-hole', 3 << 20],
      ['hole-at-end', 1 << 20],
    ] as const) {
      const status = await stat(join(target, name));
      expect(status.size).toBe(size);
      expect(status.blocks * 512).toBeLessThan(64 * 1024);
    }
  });

  test('the same layer applied twice gives the same tree', async () => {
    execFileSync('tar', ['-C', source, ...posix, '-cf', at('layer'), '.']);
    await sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain' });
    const once = await describeTree(target);
    await sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain' });
    expect(await describeTree(target)).toEqual(once);
  });
});

describe('compression', () => {
  const archive = tarOf(member.file('file', Buffer.alloc(3_000_000, 'some text ')), member.directory('d'));

  test.each([
    ['none', archive],
    ['gzip', gzipSync(archive)],
    [
      'gzip of several members',
      Buffer.concat([gzipSync(archive.subarray(0, 99_999)), gzipSync(archive.subarray(99_999))]),
    ],
    ['gzip with padding of zeros', Buffer.concat([gzipSync(archive), Buffer.alloc(10_000)])],
    ['zstd', execFileSync('zstd', ['-c'], { input: archive })],
    [
      'zstd of several frames',
      Buffer.concat([
        execFileSync('zstd', ['-c'], { input: archive.subarray(0, 123_456) }),
        Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]),
        execFileSync('zstd', ['-c'], { input: archive.subarray(123_456) }),
      ]),
    ],
    [
      'zstd behind a skippable frame',
      Buffer.concat([
        Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9]),
        execFileSync('zstd', ['-c'], { input: archive }),
      ]),
    ],
  ])('%s is recognised, and both digests are right', async (_, bytes) => {
    const applied = await apply(bytes);
    expect(applied).toEqual({
      diffId: digestOf(archive),
      compressedDigest: digestOf(bytes),
      sizeBytes: archive.length,
      compressedSizeBytes: bytes.length,
      entries: 2,
      impliedDirectories: 0,
      opaqueRoot: false,
    });
    expect((await stat(join(target, 'file'))).size).toBe(3_000_000);
  });

  test('what is named is not guessed', async () => {
    await writeFile(at('layer'), archive);
    const source = { path: at('layer') };
    for (const compression of ['gzip', 'zstd'] as const) {
      const failing = sys.applyLayer({ source, compression, target, whiteouts: 'plain' });
      await expect(failing).rejects.toMatchObject({ kind: 'data-loss' });
    }
    await sys.applyLayer({ source, compression: 'none', target, whiteouts: 'plain' });
  });

  test('bytes after the end of the archive count for the digest', async () => {
    const longer = Buffer.concat([archive, Buffer.alloc(1_000_000, 'rest')]);
    const applied = await apply(gzipSync(longer));
    expect(applied.diffId).toBe(digestOf(longer));
    expect(applied.sizeBytes).toBe(longer.length);
  });
});

describe('entries', () => {
  const modeOf = async (path: string) => (await stat(join(target, path))).mode & 0o7777;
  const textOf = (path: string) => readFile(join(target, path), 'utf8');

  test('an empty stream is an empty layer', async () => {
    expect(await apply(Buffer.alloc(0))).toMatchObject({ entries: 0, sizeBytes: 0, diffId: digestOf(Buffer.alloc(0)) });
    expect(await apply(tarOf())).toMatchObject({ entries: 0, sizeBytes: 1024 });
    expect(await apply(gzipSync(Buffer.alloc(0)))).toMatchObject({ entries: 0 });
  });

  test('the root keeps its own attributes', async () => {
    const before = await stat(target);
    await apply(
      tarOf(...['.', './', '/', '', 'a/..', '..'].map((name) => ({ ...member.directory(name, 0o700), uid: 9 }))),
    );
    const after = await stat(target);
    expect([after.mode, after.uid]).toEqual([before.mode, before.uid]);
  });

  test('missing parents are made with mode 0755, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await apply(tarOf(member.file('a/b/c', 'x', 0o666), member.directory('d', 0o777)));
    } finally {
      process.umask(before);
    }
    expect([await modeOf('a'), await modeOf('a/b'), await modeOf('a/b/c'), await modeOf('d')]).toEqual([
      0o755, 0o755, 0o666, 0o777,
    ]);
    expect(process.umask()).toBe(before);
  });

  test('set-id bits survive a change of owner, and are not inherited', async () => {
    await apply(
      tarOf(
        { ...member.directory('d', 0o2775), gid: 50 },
        { ...member.file('d/su', 'x', 0o6755), uid: 1000, gid: 1000 },
        member.directory('d/plain', 0o755),
        member.file('d/file', '', 0o644),
        member.file('d/implied/file', '', 0o644),
        { name: 'd/fifo', type: '6', mode: 0o4600, uid: 5 },
      ),
    );
    expect(await modeOf('d/su')).toBe(0o6755);
    expect(await modeOf('d/plain')).toBe(0o755);
    expect(await modeOf('d/implied')).toBe(0o755);
    expect(await modeOf('d/fifo')).toBe(0o4600);
    expect((await stat(join(target, 'd/file'))).gid).toBe(0);
  });

  test('a later entry replaces an earlier one, but directories merge', async () => {
    await apply(
      tarOf(
        member.file('a', 'first'),
        member.file('a', 'second'),
        member.directory('d'),
        member.file('d/kept'),
        member.directory('d', 0o700),
        member.directory('gone'),
        member.file('gone/inner'),
        member.file('gone', 'now a file'),
        member.file('grown', 'was a file'),
        member.directory('grown'),
        member.file('grown/inner', 'x'),
      ),
    );
    expect(await textOf('a')).toBe('second');
    expect(await textOf('d/kept')).toBe('');
    expect(await modeOf('d')).toBe(0o700);
    expect(await textOf('gone')).toBe('now a file');
    expect(await textOf('grown/inner')).toBe('x');
  });

  test('a directory has its own time, not that of what was written into it', async () => {
    const old = (entry: TarMember) => ({ ...entry, mtime: 1000 });
    await apply(
      tarOf(old(member.directory('d')), old(member.directory('d/e')), member.file('d/e/f'), member.file('d/g')),
    );
    for (const path of ['d', 'd/e']) expect((await stat(join(target, path))).mtimeMs).toBe(1_000_000);
  });

  test('times are kept to the nanosecond, and bounded', async () => {
    const timed = (name: string, mtime: string, atime?: string): TarMember => ({
      name,
      pax: { mtime, ...(atime === undefined ? {} : { atime }) },
    });
    await apply(
      tarOf(
        timed('exact', '1234567890.987654321', '2234567890.5'),
        timed('earlier-atime', '1000', '500'),
        timed('negative', '-5'),
        timed('huge', '99999999999999'),
        { ...member.file('old'), mtime: -1000 },
      ),
    );
    const timesOf = async (path: string) => {
      const { atimeNs, mtimeNs } = await stat(join(target, path), { bigint: true });
      return [atimeNs, mtimeNs];
    };
    expect(await timesOf('exact')).toEqual([2234567890500000000n, 1234567890987654321n]);
    expect(await timesOf('earlier-atime')).toEqual([1000000000000n, 1000000000000n]);
    for (const path of ['negative', 'huge', 'old']) expect(await timesOf(path)).toEqual([0n, 0n]);
  });

  test('extended attributes: those of the system and of overlayfs are left out', async () => {
    const pax = {
      'SCHILY.xattr.user.one': Buffer.from([1, 0, 255]),
      'SCHILY.xattr.trusted.overlay.opaque': 'y',
      'SCHILY.xattr.user.overlay.opaque': 'y',
      'LIBARCHIVE.xattr.user.two': Buffer.from('two').toString('base64'),
    };
    const links: TarMember = { ...member.symlink('x', 'link'), pax };
    await writeFile(at('layer'), tarOf({ ...member.file('file'), pax }, { ...member.directory('d'), pax }, links));
    await sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'overlay-userxattr' });
    for (const path of ['file', 'd']) {
      expect(attributesOf(join(target, path))).toEqual(['user.one=0x0100ff', 'user.two=0x74776f']);
    }
    expect(attributesOf(join(target, 'link'))).toEqual([]);
  });

  test('a hard link keeps the capabilities of its file, and a link to a missing file fails', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const pax = { 'SCHILY.xattr.security.capability': capability };
    await apply(tarOf({ ...member.file('ping', 'x', 0o755), pax }, { ...member.link('ping', 'again'), mode: 0o755 }));
    expect(attributesOf(join(target, 'again'))).toEqual([`security.capability=0x${capability.toString('hex')}`]);
    const failing = apply(tarOf(member.link('nothing', 'link')));
    await expect(failing).rejects.toMatchObject({ kind: 'not-found' });
    await expect(failing).rejects.toThrow(`apply layer to ${target}: linkat link: no such file or directory (ENOENT)`);
  });

  test('global pax headers are no entries', async () => {
    const record = '19 comment=abcdefg\n';
    const applied = await apply(tarOf({ name: 'pax_global_header', type: 'g', body: record }, member.file('file')));
    expect(applied.entries).toBe(1);
  });
});
