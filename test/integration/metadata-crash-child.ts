/**
 * Creates containers as fast as it can and prints the id of each that is acknowledged, until it is killed.
 * Arguments: the database's directory and a prefix for the ids.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { ContainersService } from '../../daemon/services/containers.ts';

const [directory = '', prefix = ''] = process.argv.slice(2);
const database = await Database.open(directory);
const service = new ContainersService({ database, events: { publish: () => undefined }, clock: systemClock });
const ctx = { namespace: 'default', signal: new AbortController().signal };

async function create(worker: number): Promise<never> {
  for (let number = 0; ; number++) {
    const { id } = await service.create(ctx, {
      id: `${prefix}-${worker}-${number}`,
      labels: {},
      image: '',
      runtime: { name: 'x', options: null },
      spec: { typeUrl: 'x', value: Buffer.alloc(2_000, number) },
      snapshotter: '',
      snapshotKey: '',
      createdAt: null,
      updatedAt: null,
      extensions: {},
      sandbox: '',
    });
    writeSync(1, `${id}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(create));
