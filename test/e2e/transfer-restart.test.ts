import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { eventually } from '../helpers/eventually.ts';
import { ignores } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { NamedStream } from '../helpers/named-stream.ts';
import { busyboxOciImage } from '../helpers/oci-image.ts';
import { Side } from '../helpers/side.ts';
import {
  importArchive,
  importStream,
  registry as registryMessage,
  sendBytes,
  store,
  streamName,
  transfer,
} from '../helpers/transfers.ts';

/** Bytes after which others would have to come. */
async function* unfinished(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
  await new Promise(() => undefined);
}

/** Begins an import and a pull, neither of which gets to its end. */
async function begin(side: Side, registry: FaultyRegistry): Promise<{ archive: Buffer; ends: Promise<unknown> }> {
  const path = join(side.daemon.folder, 'busybox.tar');
  await writeArchive(path, await busyboxImage());
  const archive = await readFile(path);
  const image = await busyboxOciImage();
  const reference = registry.add('busybox', '1', image);
  const layer = [...image.blobs].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '';
  registry.on({ kind: 'blob', name: layer }, ignores);
  const stream = await NamedStream.open(side.client, streamName('import'));
  sendBytes(stream, unfinished(archive.subarray(0, archive.length / 2))).catch(() => undefined);
  const source = registryMessage({ reference, resolver: { defaultScheme: 'http' } });
  const importing = transfer(side.client, importStream({ stream: stream.name }), store({ name: 'x.org/archive:1' }));
  const pulling = transfer(side.client, source, store({ name: reference }));
  const ends = Promise.allSettled([importing, pulling]);
  await eventually(async () => {
    expect(registry.requests.map(({ name }) => name)).toContain(layer);
    const { leases } = await side.client.service('containerd.services.leases.v1.Leases').List({});
    expect(leases).toHaveLength(2);
  });
  return { archive, ends };
}

test.for(['SIGTERM', 'SIGKILL'] as const)(
  'a daemon that ends by %s amid transfers leaves nothing wrong',
  async (signal) => {
    await using side = await Side.start('gantryd');
    await using registry = await FaultyRegistry.start();
    const { archive, ends } = await begin(side, registry);
    const ending = await side.daemon.kill(signal);
    if (signal === 'SIGTERM') expect(ending).toMatchObject({ how: 'exit', value: 0 });
    await ends;
    await side.daemon.start();
    const { List } = side.client.service('containerd.services.images.v1.Images');
    await eventually(async () => expect((await List({})).images).toEqual([]));
    registry.heal();
    const reference = `${registry.host}/busybox:1`;
    const source = registryMessage({ reference, resolver: { defaultScheme: 'http' } });
    await transfer(side.client, source, store({ name: reference }));
    await importArchive(side.client, [archive], { name: 'x.org/archive:1' });
    expect((await List({})).images.map(({ name }) => name).sort()).toEqual([reference, 'x.org/archive:1'].sort());
  },
);
