import { once } from 'node:events';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const sysUrl = new URL('./sys.ts', import.meta.url).href;

/** Runs until it has said so, then goes on with everything that takes a while. */
const busyWorker = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(${JSON.stringify(sysUrl)}).then(({ sys }) => {
    const { huge, target } = workerData;
    sys.hashFile(huge).catch(() => {});
    sys.applyLayer({ source: { path: huge }, target, whiteouts: 'plain' }).catch(() => {});
    sys.openProcess(process.pid).wait().catch(() => {});
    parentPort.postMessage('busy');
  });`;

test('an environment that ends takes its threads with it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-env-'));
  const huge = join(directory, 'huge');
  const target = join(directory, 'target');
  await mkdir(target);
  await writeFile(huge, '');
  await truncate(huge, 2 ** 40);
  for (let round = 0; round < 5; round++) {
    const worker = new Worker(busyWorker, { eval: true, workerData: { huge, target } });
    const warnings: unknown[] = [];
    worker.on('error', (error) => warnings.push(error));
    await once(worker, 'message');
    await worker.terminate();
    expect(warnings).toEqual([]);
  }
  await rm(directory, { recursive: true });
});
