import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parseLogUri } from '../../cli/log/uri.ts';
import { Gantry } from '../helpers/gantry.ts';
import { image, Side } from '../helpers/side.ts';
import { lineBytes, Writer } from '../helpers/writer.ts';

const isFull = process.env['GANTRY_FAULTS'] === 'full';
const seconds = isFull ? 60 : 10;
const bytesPerSecond = 20_000_000 - (20_000_000 % lineBytes);
/** In the short version, which runs on busy machines, the shim may have to wait for its turn; not for the daemon. */
const stallMaxUs = isFull ? 50_000 : 1_000_000;

const prefix = '{"log":"';
const recordBytes = `${prefix}${'0'.repeat(63)}\\n","stream":"stdout","time":"2006-01-02T15:04:05.000000000Z"}\n`
  .length;

/** How many records the log has; fails at the first that is not the next number. */
async function countRecords(path: string): Promise<number> {
  await using file = await open(path);
  let count = 0;
  for await (const chunk of file.createReadStream({ highWaterMark: recordBytes * 10_000 }) as AsyncIterable<Buffer>) {
    // Every record has the same length, and so has every chunk but the last.
    for (let at = 0; at < chunk.length; at += recordBytes, count += 1) {
      const number = Number(chunk.toString('latin1', at + prefix.length, at + prefix.length + lineBytes - 1));
      if (number !== count) throw new Error(`record ${count} is ${chunk.toString('latin1', at, at + recordBytes)}`);
    }
  }
  return count;
}

test(`20 MB/s for ${seconds} s, the daemon down for half of them: every byte in order, nothing waits`, async () => {
  await using side = await Side.start('gantryd', { image: true });
  const gantry = new Gantry(side);
  const writer = await Writer.create(join(side.daemon.folder, 'steady'));
  const command = writer.command(bytesPerSecond * seconds, bytesPerSecond);
  await gantry.ok('run', '-d', '--name', 'steady', '--log-size', '100g', ...writer.mounts, image, ...command);
  const [{ labels } = { labels: {} }] = await gantry.json<{ labels: Record<string, string> }[]>('ps');
  const log = parseLogUri(labels['gantry.io/log-uri'] ?? '');
  // The times are what is tested: how long the daemon is away.
  await sleep(seconds * 250);
  await side.daemon.kill();
  await sleep(seconds * 500);
  await side.daemon.start();
  expect(await gantry.ok('wait', 'steady')).toBe('0\n');
  const result = await writer.result();
  console.info(`${seconds} s of 20 MB/s: ${JSON.stringify(result)}`);
  expect(await countRecords(log?.path ?? '')).toBe((bytesPerSecond * seconds) / lineBytes);
  expect(result.longestBlockedUs).toBeLessThanOrEqual(stallMaxUs);
  await gantry.ok('rm', 'steady');
}, 300_000);
