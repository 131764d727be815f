import { describe, expect, test } from 'vitest';
import type { NamespacedHost } from './content-hosts.ts';
import { digestOf, someContent, writeBlob } from './content-suite.ts';

/** How namespaces see each other's blobs, at every level that has namespaces, with the policy `shared`. */
export function sharingSuite(name: string, open: () => Promise<NamespacedHost>): void {
  describe(`${name}, shared`, () => {
    test('namespaces do not see what others have', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const { bytes, digest } = someContent(1000);
      await writeBlob(a, 'r', bytes);
      const looks = [() => b.info(digest), () => b.read(digest), () => b.delete(digest), () => b.status('r')];
      for (const look of looks) await expect(look()).rejects.toMatchObject({ kind: 'not-found' });
      expect(await b.list()).toEqual([]);
      await using _ = await a.writer({ ref: 'r' });
      expect(await b.statuses()).toEqual([]);
      await using same = await b.writer({ ref: 'r' });
      expect(same.status().offset).toBe(0);
    });

    test('a blob of another namespace is had by committing its digest, without its bytes', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const { bytes, digest } = someContent(1000);
      await writeBlob(a, 'r', bytes);
      await using writer = await b.writer({ ref: 'r', total: 1000, expected: digest });
      expect(writer.status()).toMatchObject({ ref: 'r', offset: 1000, total: 1000 });
      expect(writer.digest()).toBe(digest);
      await expect(b.info(digest)).rejects.toMatchObject({ kind: 'not-found' });
      await writer.commit({ sizeBytes: 1000, expected: digest });
      expect((await b.read(digest)).equals(bytes)).toBe(true);
      await a.delete(digest);
      expect((await b.read(digest)).equals(bytes)).toBe(true);
    });

    test('writing on copies the shared blob first', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const { bytes, digest } = someContent(2_000_000);
      await writeBlob(a, 'r', bytes);
      const longer = Buffer.concat([bytes, Buffer.from('more')]);
      await using writer = await b.writer({ ref: 'r', expected: digest });
      await writer.write(Buffer.from('more'));
      expect(writer.digest()).toBe(digestOf(longer));
      await writer.commit({ sizeBytes: longer.length, expected: digestOf(longer) });
      expect((await b.read(digestOf(longer))).equals(longer)).toBe(true);
      expect((await a.read(digest)).equals(bytes)).toBe(true);
      await expect(b.info(digest)).rejects.toMatchObject({ kind: 'not-found' });
    });

    test('starting over writes anew and leaves the shared blob alone', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const [old, fresh] = [someContent(1000), someContent(10)];
      await writeBlob(a, 'r', old.bytes);
      await using writer = await b.writer({ ref: 'r', expected: old.digest });
      await writer.truncate();
      expect(writer.status().offset).toBe(0);
      await writer.write(fresh.bytes);
      await writer.commit({ sizeBytes: 10, expected: fresh.digest });
      expect((await b.read(fresh.digest)).equals(fresh.bytes)).toBe(true);
      expect((await a.read(old.digest)).equals(old.bytes)).toBe(true);
    });

    test('another size than that of the blob is no claim to it', async () => {
      await using host = await open();
      const { bytes, digest } = someContent(1000);
      await writeBlob(host.namespace('a'), 'r', bytes);
      await using writer = await host.namespace('b').writer({ ref: 'r', total: 999, expected: digest });
      expect(writer.status().offset).toBe(0);
    });

    test('a shared blob is not committed as another', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const { bytes, digest } = someContent(1000);
      await writeBlob(a, 'r', bytes);
      const wrong = [{ sizeBytes: 1 }, { expected: someContent(1).digest }];
      for (const options of wrong) {
        await using writer = await b.writer({ ref: 'r', expected: digest });
        await expect(writer.commit(options)).rejects.toMatchObject({ kind: 'failed-precondition' });
      }
      expect(await b.list()).toEqual([]);
    });

    test('writing what another namespace has is no conflict', async () => {
      await using host = await open();
      const [a, b] = [host.namespace('a'), host.namespace('b')];
      const { bytes, digest } = someContent(1000);
      await writeBlob(a, 'r', bytes);
      await writeBlob(b, 'r', bytes);
      expect(await b.info(digest)).toMatchObject({ size: 1000 });
      expect(await b.statuses()).toEqual([]);
    });
  });
}
