import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContentWriter, Info, Status, WriterOptions } from '../../daemon/content/content.ts';
import { nsFromTimestamp } from '../../proto/timestamp.ts';

/** Content as one user of it sees it, at whatever level. */
export interface ContentUnderTest {
  info(digest: string): Promise<Info>;
  /** All of a range; without a size to the end. */
  read(digest: string, offset?: number, size?: number): Promise<Buffer>;
  list(): Promise<Info[]>;
  delete(digest: string): Promise<void>;
  status(ref: string): Promise<Status>;
  statuses(): Promise<Status[]>;
  abort(ref: string): Promise<void>;
  writer(options: WriterOptions): Promise<ContentWriter>;
}

/** An empty store, made for one test. */
export interface ContentHost extends AsyncDisposable {
  readonly content: ContentUnderTest;
}

export const digestOf = (bytes: Uint8Array, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

const emptyDigest = digestOf(Buffer.alloc(0));

export function someContent(size: number): { bytes: Buffer; digest: string } {
  const bytes = randomBytes(size);
  return { bytes, digest: digestOf(bytes) };
}

/** Writes a whole blob. */
export async function writeBlob(content: ContentUnderTest, ref: string, bytes: Buffer): Promise<void> {
  await using writer = await content.writer({ ref, total: bytes.length });
  await writer.write(bytes);
  await writer.commit({ sizeBytes: bytes.length, expected: digestOf(bytes) });
}

const nowNs = () => BigInt(Date.now()) * 1_000_000n;

/** Runs `step` and checks that a time which it sets lies between its start and its end, clocks being as coarse as 10 ms. */
async function timed(step: () => Promise<unknown>, times: () => Promise<(Info['createdAt'] | null)[]>): Promise<void> {
  const before = nowNs() - 10_000_000n;
  await step();
  const after = nowNs() + 10_000_000n;
  for (const time of await times()) {
    const ns = time === null ? 0n : nsFromTimestamp(time);
    expect(ns >= before && ns <= after, `${ns} between ${before} and ${after}`).toBe(true);
  }
}

/** What every level of the content store does alike. */
export function contentSuite(name: string, open: () => Promise<ContentHost>): void {
  describe(name, () => {
    let host: ContentHost;
    let content: ContentUnderTest;
    beforeEach(async () => {
      host = await open();
      content = host.content;
    });
    afterEach(() => host[Symbol.asyncDispose]());

    writing(() => content);
    committing(() => content);
    resuming(() => content);
    reading(() => content);
    ingests(() => content);
  });
}

function writing(store: () => ContentUnderTest): void {
  test.each([
    ['nothing', false, false],
    ['its size', true, false],
    ['its digest', false, true],
    ['size and digest', true, true],
  ])('a blob written in pieces, announced by %s', async (_, withSize, withDigest) => {
    const { bytes, digest } = someContent(300_000);
    const total = withSize ? bytes.length : 0;
    await using writer = await store().writer({ ref: 'r', total, ...(withDigest ? { expected: digest } : {}) });
    for (let at = 0; at < bytes.length; at += 70_001) await writer.write(bytes.subarray(at, at + 70_001));
    expect(writer.digest()).toBe(digest);
    await timed(
      () => writer.commit(),
      async () => {
        const { createdAt, updatedAt } = await store().info(digest);
        return [createdAt, updatedAt];
      },
    );
    expect(writer.digest()).toBe(digest);
    expect(await store().info(digest)).toMatchObject({ digest, size: bytes.length, labels: {} });
    expect((await store().read(digest)).equals(bytes)).toBe(true);
    expect((await store().list()).map((info) => info.digest)).toEqual([digest]);
    expect(await store().statuses()).toEqual([]);
  });

  test('status and digest follow the writes', async () => {
    const { bytes } = someContent(256);
    await using writer = await store().writer({ ref: 'r', total: 256 });
    expect(writer.status()).toMatchObject({ ref: 'r', offset: 0, total: 256 });
    expect(writer.digest()).toBe(emptyDigest);
    for (const end of [64, 192, 256]) {
      const step = () => writer.write(bytes.subarray(writer.status().offset, end));
      await timed(step, async () => [writer.status().updatedAt]);
      expect(writer.status().offset).toBe(end);
      expect(writer.digest()).toBe(digestOf(bytes.subarray(0, end)));
      expect(await store().status('r')).toMatchObject({ ref: 'r', offset: end, total: 256 });
    }
    await writer.truncate();
    expect(writer.status().offset).toBe(0);
    expect(writer.digest()).toBe(emptyDigest);
  });

  test('an empty blob', async () => {
    await using writer = await store().writer({ ref: 'r' });
    await writer.commit({ expected: emptyDigest });
    expect(await store().info(emptyDigest)).toMatchObject({ size: 0 });
    expect(await store().read(emptyDigest)).toEqual(Buffer.alloc(0));
  });

  test('a blob of many messages', async () => {
    const { bytes, digest } = someContent(24 * 1024 * 1024 + 1);
    await using writer = await store().writer({ ref: 'r', total: bytes.length, expected: digest });
    const step = 5 * 1024 * 1024;
    for (let at = 0; at < bytes.length; at += step) await writer.write(bytes.subarray(at, at + step));
    await writer.commit({ sizeBytes: bytes.length, expected: digest });
    expect((await store().read(digest)).equals(bytes)).toBe(true);
  });

  test('a ref has one writer at a time', async () => {
    const first = await store().writer({ ref: 'r' });
    const refused = { kind: 'unavailable', message: expect.stringMatching(/ref .*r locked for .*s \(since .*\)/) };
    await expect(store().writer({ ref: 'r' })).rejects.toMatchObject(refused);
    await using _ = await store().writer({ ref: 'other' });
    await first.close();
    await using second = await store().writer({ ref: 'r' });
    await expect(store().writer({ ref: 'r' })).rejects.toMatchObject(refused);
    await second.write(Buffer.from('x'));
  });

  test('a ref is needed', async () => {
    await expect(store().writer({ ref: '' })).rejects.toMatchObject({ kind: 'invalid-argument' });
  });
}

function committing(store: () => ContentUnderTest): void {
  test('a blob that is there is not written again', async () => {
    const { bytes, digest } = someContent(256);
    await writeBlob(store(), 'first', bytes);
    await expect(store().writer({ ref: 'r', expected: digest })).rejects.toMatchObject({ kind: 'already-exists' });
    for (const expected of [digest, '']) {
      await using writer = await store().writer({ ref: 'r' });
      await writer.write(bytes);
      await expect(writer.commit({ sizeBytes: 256, expected })).rejects.toMatchObject({ kind: 'already-exists' });
      expect(await store().statuses()).toEqual([]);
    }
  });

  test('a wrong size or digest is refused and leaves the ingest for another try', async () => {
    const { bytes, digest } = someContent(256);
    const other = someContent(1).digest;
    const writer = await store().writer({ ref: 'r' });
    await writer.write(bytes);
    await expect(writer.commit({ sizeBytes: 256, expected: other })).rejects.toMatchObject({
      kind: 'failed-precondition',
    });
    await writer.close();
    for (const sizeBytes of [255, 257]) {
      await using retry = await store().writer({ ref: 'r' });
      expect(retry.status().offset).toBe(256);
      await expect(retry.commit({ sizeBytes })).rejects.toMatchObject({ kind: 'failed-precondition' });
    }
    await expect(store().info(digest)).rejects.toMatchObject({ kind: 'not-found' });
    await using last = await store().writer({ ref: 'r' });
    await last.commit({ sizeBytes: 256, expected: digest });
    expect(await store().info(digest)).toMatchObject({ size: 256 });
  });

  test('of two writers of one blob the later finds it there', async () => {
    const { bytes, digest } = someContent(1024);
    const refs = ['a', 'b', 'c'];
    const outcomes = await Promise.allSettled(refs.map((ref) => writeBlob(store(), ref, bytes)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(failures).toEqual([
      expect.objectContaining({ kind: 'already-exists' }),
      expect.objectContaining({ kind: 'already-exists' }),
    ]);
    expect((await store().read(digest)).equals(bytes)).toBe(true);
    expect(await store().statuses()).toEqual([]);
  });
}

function resuming(store: () => ContentUnderTest): void {
  test.each([0, 0.1, 0.5, 0.9, 1])('an ingest left at %d of its size goes on there', async (part) => {
    const { bytes, digest } = someContent(50_000);
    const left = Math.floor(bytes.length * part);
    const first = await store().writer({ ref: 'r', total: bytes.length });
    if (left > 0) await first.write(bytes.subarray(0, left));
    const before = first.status();
    await first.close();

    await using second = await store().writer({ ref: 'r', total: bytes.length });
    expect(second.status()).toMatchObject({ offset: left, total: bytes.length, startedAt: before.startedAt });
    expect(second.digest()).toBe(digestOf(bytes.subarray(0, left)));
    if (left < bytes.length) await second.write(bytes.subarray(left));
    await second.commit({ sizeBytes: bytes.length, expected: digest });
    expect((await store().read(digest)).equals(bytes)).toBe(true);
  });

  test('an ingest can start over', async () => {
    const { bytes, digest } = someContent(1000);
    const first = await store().writer({ ref: 'r' });
    await first.write(randomBytes(2000));
    await first.close();
    await using second = await store().writer({ ref: 'r' });
    await second.truncate();
    await second.write(bytes);
    await second.commit({ sizeBytes: 1000, expected: digest });
    expect((await store().read(digest)).equals(bytes)).toBe(true);
  });
}

function reading(store: () => ContentUnderTest): void {
  test('ranges', async () => {
    const { bytes, digest } = someContent(3 * 1024 * 1024 + 5);
    await writeBlob(store(), 'r', bytes);
    const whole = bytes.length;
    for (const [offset, size, end] of [
      [0, 0, whole],
      [0, 1, 1],
      [7, 0, whole],
      [1024 * 1024 - 1, 2, 1024 * 1024 + 1],
      [5, whole, whole],
      [whole - 1, 10, whole],
      [whole, 0, whole],
    ] as const) {
      const read = await store().read(digest, offset, size);
      expect(read.equals(bytes.subarray(offset, end)), `${offset}+${size}`).toBe(true);
    }
  });

  test('what is not there', async () => {
    const { digest } = someContent(10);
    const missing = { kind: 'not-found' };
    await expect(store().info(digest)).rejects.toMatchObject(missing);
    await expect(store().read(digest)).rejects.toMatchObject(missing);
    await expect(store().delete(digest)).rejects.toMatchObject(missing);
    await expect(store().status('r')).rejects.toMatchObject(missing);
    await expect(store().abort('r')).rejects.toMatchObject(missing);
  });

  test('deletion takes one blob away', async () => {
    const [kept, gone] = [someContent(10), someContent(10)];
    await writeBlob(store(), 'kept', kept.bytes);
    await writeBlob(store(), 'gone', gone.bytes);
    await store().delete(gone.digest);
    expect((await store().list()).map(({ digest }) => digest)).toEqual([kept.digest]);
    await expect(store().read(gone.digest)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(store().delete(gone.digest)).rejects.toMatchObject({ kind: 'not-found' });
  });
}

function ingests(store: () => ContentUnderTest): void {
  test('unfinished ones are listed until they are aborted', async () => {
    for (const ref of ['b', 'a', 'layer-sha256:x/../y']) {
      await using writer = await store().writer({ ref, total: 9 });
      await writer.write(Buffer.from(ref));
    }
    const refs = async () => (await store().statuses()).map(({ ref }) => ref).sort();
    expect(await refs()).toEqual(['a', 'b', 'layer-sha256:x/../y']);
    expect(await store().status('b')).toMatchObject({ ref: 'b', offset: 1, total: 9 });
    await store().abort('b');
    expect(await refs()).toEqual(['a', 'layer-sha256:x/../y']);
    await expect(store().abort('b')).rejects.toMatchObject({ kind: 'not-found' });
    await using again = await store().writer({ ref: 'b' });
    expect(again.status().offset).toBe(0);
  });
}
