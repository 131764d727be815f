import { expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { grpcHost } from './content-hosts.ts';
import { sharingSuite } from './content-sharing-suite.ts';
import { contentSuite, digestOf, someContent, writeBlob } from './content-suite.ts';

contentSuite('content over gRPC', grpcHost);
sharingSuite('content over gRPC', grpcHost);

test('a client that vanishes lets go of its ref at once and can resume', async () => {
  await using host = await grpcHost();
  const { bytes, digest } = someContent(1_000_000);
  const call = host.content.openWrite();
  const answered = new Promise((resolve) => call.once('data', resolve));
  call.on('error', () => undefined);
  call.write({ action: 'WRITE', ref: 'r', data: bytes.subarray(0, 600_000) });
  await answered;
  await expect(host.content.writer({ ref: 'r' })).rejects.toMatchObject({ kind: 'unavailable' });
  call.cancel();
  await using writer = await eventually(() => host.content.writer({ ref: 'r' }), { deadlineMs: 1_000, intervalMs: 1 });
  expect(writer.status().offset).toBe(600_000);
  await writer.write(bytes.subarray(600_000));
  await writer.commit({ expected: digest });
  expect((await host.content.read(digest)).equals(bytes)).toBe(true);
});

test('labels are set by the commit and updated through masks', async () => {
  await using host = await grpcHost();
  const { bytes, digest } = someContent(10);
  await using writer = await host.content.writer({ ref: 'r' });
  await writer.write(bytes);
  await writer.commit({ labels: { a: '1', b: '2' } });
  const updated = await host.content.update({ digest, labels: { a: '', 'io.x/y': 'z' } }, [
    'labels.a',
    'labels.io.x/y',
  ]);
  expect(updated.labels).toEqual({ b: '2', 'io.x/y': 'z' });
  expect(await host.content.list('labels."io.x/y"==z')).toEqual([updated]);
});

test('many blobs at once, some refused, all whole', async () => {
  await using host = await grpcHost();
  const blobs = Array.from({ length: 40 }, (_, index) => someContent(20_000 + index));
  const writes = blobs.flatMap(({ bytes }, index) => [
    writeBlob(host.content, `a${index}`, bytes),
    writeBlob(host.content, `b${index}`, bytes),
  ]);
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(blobs.length);
  for (const { digest } of blobs) expect(digestOf(await host.content.read(digest))).toBe(digest);
});

test('a client that cancels thousands of ranged reads keeps its connection', async () => {
  await using host = await grpcHost();
  const { bytes, digest } = someContent(64 * 1024);
  await writeBlob(host.content, 'r', bytes);
  for (let round = 0; round < 60; round++) {
    await Promise.all(Array.from({ length: 50 }, () => host.content.readAndCancel(digest)));
  }
  expect((await host.content.read(digest)).equals(bytes)).toBe(true);
});
