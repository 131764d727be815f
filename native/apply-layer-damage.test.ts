import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LayerLimits } from '../base/layer-limits.ts';
import { sys } from './sys.ts';
import { member, type TarMember, tarOf } from './tar-fixture.ts';

let directory: string;
let target: string;
const at = (...names: string[]) => join(directory, ...names);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-damage-'));
  target = at('target');
  await mkdir(target);
});

afterEach(async () => {
  await sys.unmountRecursive(directory);
  await sys.removeTree(directory);
});

async function apply(archive: Uint8Array, limits: Partial<LayerLimits> = {}) {
  await writeFile(at('layer'), archive);
  return sys.applyLayer({ source: { path: at('layer') }, target, whiteouts: 'plain', limits });
}

function random(length: number): Buffer {
  let state = 12345;
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

const archive = tarOf(
  member.file('noise', random(60_000)),
  member.file('text', 'words '.repeat(5000)),
  member.directory('d'),
);
const zstd = (bytes: Uint8Array) => execFileSync('zstd', ['-c', '--check'], { input: bytes });

describe('damaged compression', () => {
  test.each([
    ['gzip', gzipSync(archive)],
    ['zstd', zstd(archive)],
  ])('%s cut short anywhere is data-loss', async (_, bytes) => {
    for (let length = 1; length < bytes.length; length += length < 40 || length > bytes.length - 40 ? 1 : 997) {
      const failing = apply(bytes.subarray(0, length));
      await expect(failing, `${length} bytes`).rejects.toMatchObject({ kind: 'data-loss' });
    }
  });

  test.each([
    ['gzip', gzipSync(archive)],
    ['zstd', zstd(archive)],
  ])('%s with a wrong byte anywhere is never taken for the whole', async (name, bytes) => {
    for (let position = name === 'gzip' ? 10 : 6; position < bytes.length; position += 1009) {
      const wrong = Buffer.from(bytes);
      wrong[position] = (wrong[position] ?? 0) ^ 0x55;
      await expect(apply(wrong), `byte ${position}`).rejects.toMatchObject({ kind: 'data-loss' });
    }
    const wrongEnd = Buffer.from(bytes);
    wrongEnd[bytes.length - 1] = (wrongEnd.at(-1) ?? 0) ^ 1;
    await expect(apply(wrongEnd)).rejects.toMatchObject({ kind: 'data-loss' });
  });

  test.each([
    ['text', Buffer.from('trailing garbage')],
    ['half a header', Buffer.from([0x1f, 0x8b])],
    ['zeros and then something', Buffer.concat([Buffer.alloc(600_000), Buffer.from('x')])],
  ])('gzip followed by %s is refused', async (_, trailer) => {
    await expect(apply(Buffer.concat([gzipSync(archive), trailer]))).rejects.toMatchObject({ kind: 'data-loss' });
  });

  test('zstd followed by something else is refused', async () => {
    await expect(apply(Buffer.concat([zstd(archive), Buffer.from('trailing garbage')]))).rejects.toMatchObject({
      kind: 'data-loss',
    });
  });

  test('gzip headers with every field, cut in two at every place, are read', async () => {
    const { diffId } = await apply(archive);
    const withFields = (bytes: Uint8Array, name: string) => {
      const member = gzipSync(bytes);
      const fields = Buffer.concat([Buffer.from([5, 0, 1, 2, 3, 4, 5]), Buffer.from(`${name}\0comment\0`)]);
      member[3] = 4 | 8 | 16; // extra, name and comment are there
      return Buffer.concat([member.subarray(0, 10), fields, member.subarray(10)]);
    };
    const readBytes = 256 * 1024;
    const bare = withFields(archive.subarray(0, 999), '').length;
    const second = withFields(archive.subarray(999), 'name');
    for (let ahead = 0; ahead <= 40; ahead++) {
      const first = withFields(archive.subarray(0, 999), 'n'.repeat(readBytes - bare - ahead));
      expect(first.length).toBe(readBytes - ahead);
      expect((await apply(Buffer.concat([first, second]))).diffId).toBe(diffId);
    }
  });
});

describe('damaged archives', () => {
  test('cut short anywhere but between entries is data-loss', async () => {
    const end = archive.length - 1024;
    for (let length = 1; length < end; length += 509) {
      await expect(apply(archive.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({ kind: 'data-loss' });
    }
    await apply(archive.subarray(0, end));
  });

  test('what is no archive is data-loss', async () => {
    for (const bytes of [Buffer.from('not a tar'), random(10_000), Buffer.alloc(100_000, 'x')]) {
      await expect(apply(bytes)).rejects.toMatchObject({ kind: 'data-loss' });
    }
  });

  test('other formats that libarchive knows are no layers', async () => {
    const cpio = execFileSync('sh', ['-c', 'echo /etc/hostname | cpio -o -H newc 2>/dev/null || printf 070701'], {});
    await expect(apply(cpio)).rejects.toMatchObject({ kind: 'data-loss' });
  });

  test('a header whose checksum is wrong is data-loss', async () => {
    const bytes = tarOf(member.file('first'), member.file('second'));
    bytes[512 + 10] = 0x41;
    await expect(apply(bytes)).rejects.toMatchObject({ kind: 'data-loss' });
  });

  test('sizes that make no sense are refused', async () => {
    for (const sizeField of [-1, -(2 ** 40), 2 ** 53]) {
      await expect(apply(tarOf({ ...member.file('x'), sizeField }, member.file('y')))).rejects.toThrow();
    }
    const pax = (size: string) => tarOf({ ...member.file('x', 'body'), pax: { size } });
    for (const size of ['-1', '99999999999999999999']) await expect(apply(pax(size))).rejects.toThrow();
  });

  test('a body where there can be none is refused, since readers disagree on what comes next', async () => {
    const inner = tarOf(member.file('smuggled', 'x')).subarray(0, 1024);
    const smuggling: TarMember[] = [
      { name: 'd/', type: '0', body: inner },
      { name: 'd', type: '5', body: inner, pax: { size: String(inner.length) } },
      { name: 'l', type: '2', link: 'x', body: inner, pax: { size: String(inner.length) } },
      { name: 'h', type: '1', link: 'first', body: inner, pax: { size: String(inner.length) } },
    ];
    for (const each of smuggling) {
      const failing = apply(tarOf(member.file('first'), each, member.file('after')));
      await expect(failing, each.name).rejects.toMatchObject({ kind: 'invalid-argument' });
    }
    expect(await readdir(target)).not.toContain('smuggled');
  });

  test('owners and device numbers beyond what the kernel has are refused, not cut off', async () => {
    const wrong: TarMember[] = [
      { ...member.file('f'), uid: 2 ** 32 },
      { ...member.file('f'), gid: 2 ** 32 - 1 },
      { ...member.file('f'), uid: -1 },
      { ...member.file('f'), pax: { uid: '4294967296' } },
      { name: 'n', type: '3', device: [4096, 0] },
      { name: 'n', type: '4', device: [0, 2 ** 20] },
    ];
    for (const each of wrong) await expect(apply(tarOf(each))).rejects.toMatchObject({ kind: 'invalid-argument' });
    expect(await readdir(target)).toEqual([]);
  });

  test('names longer than the kernel takes are refused', async () => {
    const named = (path: string) => tarOf({ ...member.file('x'), pax: { path } });
    await expect(apply(named('a'.repeat(65_536)))).rejects.toMatchObject({ kind: 'invalid-argument' });
    await expect(apply(named('a'.repeat(256)))).rejects.toThrow('ENAMETOOLONG');
    await apply(named(`${'a/'.repeat(2000)}x`));
  });

  test('a directory deeper than any path, made in steps through links, is written and removed', async () => {
    const deep = 'd/'.repeat(1500).slice(0, -1);
    const members = Array.from({ length: 4 }, (_, i): TarMember[] => [
      { ...member.file('x'), pax: { path: i === 0 ? `${deep}/f` : `l${i - 1}/${deep}/f` } },
      { ...member.symlink('x', `l${i}`), pax: { linkpath: i === 0 ? deep : `l${i - 1}/${deep}` } },
    ]);
    await apply(tarOf(...members.flat()));
    expect((await sys.diskUsage(target)).inodes).toBe(1 + 4 * 1500 + 4 + 4);
  });
});

describe('limits', () => {
  test('entries', async () => {
    const three = tarOf(member.file('a'), member.file('b'), member.file('c'));
    await apply(three, { maxEntries: 3 });
    await expect(apply(three, { maxEntries: 2 })).rejects.toMatchObject({
      kind: 'resource-exhausted',
      message: expect.stringContaining('more entries than allowed'),
    });
  });

  test('length of names', async () => {
    await apply(tarOf(member.file('12345678')), { maxNameBytes: 8 });
    await expect(apply(tarOf(member.file('123456789')), { maxNameBytes: 8 })).rejects.toMatchObject({
      kind: 'invalid-argument',
    });
  });

  test('size', async () => {
    await apply(gzipSync(archive), { maxSizeBytes: archive.length });
    await expect(apply(gzipSync(archive), { maxSizeBytes: archive.length - 1 })).rejects.toMatchObject({
      kind: 'resource-exhausted',
    });
  });

  test('a bomb of zeros is stopped early', async () => {
    const bomb = execFileSync('sh', ['-c', 'head -c 1100M /dev/zero | zstd -c --long=27 -T2']);
    expect(bomb.length).toBeLessThan(400_000);
    const failing = apply(bomb);
    await expect(failing).rejects.toMatchObject({ kind: 'resource-exhausted' });
    await expect(failing).rejects.toThrow('expands more than allowed');
  }, 60_000);

  test('the headers of one entry', async () => {
    const map = Buffer.alloc(8 * 2 ** 20, '1\n');
    map.write('3000000\n');
    const sparse: TarMember = {
      ...member.file('x', map),
      pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'x', 'GNU.sparse.realsize': '1' },
    };
    await expect(apply(tarOf(sparse))).rejects.toMatchObject({ kind: 'resource-exhausted' });
  });

  test('a full disk is told as such, with the name of the entry', async () => {
    await sys.mount({ type: 'tmpfs', source: 'tmpfs', target, options: ['size=64k'] });
    const failing = apply(archive.length > 65_536 ? archive : tarOf());
    await expect(failing).rejects.toMatchObject({ kind: 'resource-exhausted' });
    await expect(failing).rejects.toThrow(/pwrite text: no space left on device \(ENOSPC\)/);
  });
});

describe('sources', () => {
  test('a part of a file', async () => {
    await writeFile(at('layer'), Buffer.concat([Buffer.alloc(777, 'x'), gzipSync(archive), Buffer.alloc(55, 'y')]));
    const offsetBytes = 777;
    const sizeBytes = gzipSync(archive).length;
    const whole = await apply(gzipSync(archive));
    await writeFile(at('layer'), Buffer.concat([Buffer.alloc(777, 'x'), gzipSync(archive), Buffer.alloc(55, 'y')]));
    const part = { path: at('layer'), offsetBytes, sizeBytes };
    expect(await sys.applyLayer({ source: part, target, whiteouts: 'plain' })).toEqual(whole);
    const file = await open(at('layer'));
    const descriptor = { fd: file.fd, offsetBytes, sizeBytes };
    expect(await sys.applyLayer({ source: descriptor, target, whiteouts: 'plain' })).toEqual(whole);
    await file.close();
    const tooLong = { path: at('layer'), offsetBytes, sizeBytes: sizeBytes + 100 };
    await expect(sys.applyLayer({ source: tooLong, target, whiteouts: 'plain' })).rejects.toMatchObject({
      kind: 'data-loss',
    });
  });

  test('a pipe that gives its bytes one by one', async () => {
    await writeFile(at('small'), gzipSync(tarOf(member.file('f', 'x'))));
    await sys.makeFifo(at('pipe'), 0o600);
    const writer = spawn('sh', ['-c', `dd if=${at('small')} of=${at('pipe')} bs=1 status=none`]);
    const file = await open(at('pipe'));
    const applied = await sys.applyLayer({ source: { fd: file.fd }, target, whiteouts: 'plain' });
    await file.close();
    expect(applied.compressedSizeBytes).toBe((await readFile(at('small'))).length);
    if (writer.exitCode === null) await once(writer, 'exit');
  });

  test('a file that grows is waited for until it is whole', async () => {
    const bytes = gzipSync(archive);
    const whole = await apply(bytes);
    await mkdir(at('beside'));
    const file = await open(at('growing'), 'w+');
    const growth = sys.makePipe();
    const source = { fd: file.fd, offsetBytes: 0, growthFd: growth.reader.fd };
    let isDone = false;
    const applying = sys.applyLayer({ source, target: at('beside'), whiteouts: 'plain' }).finally(() => {
      isDone = true;
    });
    for (let at = 0; at < bytes.length; at += 1_000) {
      await file.write(bytes.subarray(at, at + 1_000), 0, undefined, at);
      writeSync(growth.writer.fd, 'x');
    }
    expect(isDone).toBe(false);
    growth.writer.close();
    expect(await applying).toEqual(whole);
    growth.reader.close();
    await file.close();
  });

  test('a file that does not grow to its end is cut short', async () => {
    const bytes = gzipSync(archive);
    await writeFile(at('growing'), bytes.subarray(0, bytes.length - 9));
    const file = await open(at('growing'));
    const growth = sys.makePipe();
    const source = { fd: file.fd, offsetBytes: 0, growthFd: growth.reader.fd };
    const applying = sys.applyLayer({ source, target, whiteouts: 'plain' });
    growth.writer.close();
    await expect(applying).rejects.toMatchObject({ kind: 'data-loss' });
    growth.reader.close();
    await file.close();
  });

  test('a missing source or target is not-found', async () => {
    const source = { path: at('nothing') };
    await expect(sys.applyLayer({ source, target, whiteouts: 'plain' })).rejects.toMatchObject({ kind: 'not-found' });
    await writeFile(at('layer'), archive);
    const missing = { source: { path: at('layer') }, target: at('nowhere'), whiteouts: 'plain' } as const;
    await expect(sys.applyLayer(missing)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('aborting', () => {
  test('stops in the middle, with the reason given', async () => {
    await writeFile(at('layer'), tarOf(...Array.from({ length: 20_000 }, (_, i) => member.file(`d${i % 100}/f${i}`))));
    const controller = new AbortController();
    const applying = sys.applyLayer(
      { source: { path: at('layer') }, target, whiteouts: 'plain' },
      { signal: controller.signal },
    );
    setImmediate(() => controller.abort(new Error('not wanted')));
    await expect(applying).rejects.toThrow('not wanted');
  });

  test('ends a wait for a source that gives no more', async () => {
    await sys.makeFifo(at('pipe'), 0o600);
    // Opened for both, it never ends; and more than it holds can only be written once somebody reads.
    const pipe = await open(at('pipe'), 'r+');
    const controller = new AbortController();
    const applying = sys.applyLayer(
      { source: { fd: pipe.fd }, target, whiteouts: 'plain' },
      { signal: controller.signal },
    );
    await pipe.write(Buffer.concat([archive, archive]));
    controller.abort(new Error('not wanted'));
    await expect(applying).rejects.toThrow('not wanted');
    await pipe.close();
  });
});

test('a source that is a sparse file of nothing but zeros is an empty layer, read to its end', async () => {
  await writeFile(at('zeros'), '');
  await truncate(at('zeros'), 50_000_000);
  const applied = await sys.applyLayer({ source: { path: at('zeros') }, target, whiteouts: 'plain' });
  expect(applied).toMatchObject({ entries: 0, sizeBytes: 50_000_000 });
});
