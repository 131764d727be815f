import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../base/digest.ts';
import type { Client } from '../../client/client.ts';
import { snapshotter, upperOf, type World } from './world.ts';

/** Everything a client can see of a world, one line per thing; without times, and with names in place of digests. */
export type Sight = readonly string[];

export interface ObserveOptions {
  /** Leaves out ingests, which a power cut may take. */
  readonly onlyDurable: boolean;
}

const blobNames = ['resumed', 'aborted', 'image-target', 'leased', 'victim', 'layer'];

/** Reads all of a world, every byte of its blobs and of its committed snapshots included. */
export async function observe(world: World, options: ObserveOptions): Promise<Sight> {
  const names = new Map<string, string>();
  for (const name of blobNames) names.set(await world.digest(name), name);
  const lines = [
    ...(await blobs(world)),
    ...(options.onlyDurable ? [] : await ingests(world)),
    ...(await images(world)),
    ...(await containers(world)),
    ...(await leases(world)).filter((line) => !options.onlyDurable || !line.includes(' ingests ')),
    ...(await snapshots(world)),
    ...(await namespaces(world)),
  ];
  const nameDigests = (text: string) =>
    [...names].reduce((done, [digest, name]) => done.replaceAll(digest, name), text);
  return lines.map((line) => world.normalise(nameDigests(line))).sort();
}

async function blobs({ client, options }: World): Promise<string[]> {
  const content = client.service('containerd.services.content.v1.Content');
  const lines: string[] = [];
  for await (const { info } of content.List({}, options)) {
    for (const { digest, size, labels } of info) {
      const bytes = await readBlob(client, digest);
      const state = bytes.length === size && sha256Of(bytes) === digest ? 'whole' : `DAMAGED (${bytes.length} bytes)`;
      lines.push(`blob ${digest} ${state} ${textOf(labels)}`);
    }
  }
  return lines;
}

async function readBlob(client: Client, digest: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const content = client.service('containerd.services.content.v1.Content');
  for await (const { data } of content.Read({ digest })) chunks.push(data);
  return Buffer.concat(chunks);
}

async function ingests({ client, options }: World): Promise<string[]> {
  const { statuses } = await client.service('containerd.services.content.v1.Content').ListStatuses({}, options);
  return statuses.map(({ ref, offset, total }) => `ingest ${ref} ${offset} of ${total}`);
}

async function images({ client, options }: World): Promise<string[]> {
  const { images: found } = await client.service('containerd.services.images.v1.Images').List({}, options);
  return found.map(({ name, target, labels }) => `image ${name} ${target?.digest} ${textOf(labels)}`);
}

async function containers({ client, options }: World): Promise<string[]> {
  const service = client.service('containerd.services.containers.v1.Containers');
  const { containers: found } = await service.List({}, options);
  return found.map(({ id, image, snapshotKey, labels, spec }) => {
    return `container ${id} ${image} ${snapshotKey} ${spec?.value} ${textOf(labels)}`;
  });
}

async function leases({ client, options }: World): Promise<string[]> {
  const service = client.service('containerd.services.leases.v1.Leases');
  const lines: string[] = [];
  for (const { id, labels } of (await service.List({}, options)).leases) {
    lines.push(`lease ${id} ${textOf(labels)}`);
    const { resources } = await service.ListResources({ id }, options);
    for (const resource of resources) lines.push(`lease ${id} holds ${resource.type} ${resource.id}`);
  }
  return lines;
}

async function snapshots(world: World): Promise<string[]> {
  const service = world.client.service('containerd.services.snapshots.v1.Snapshots');
  const lines: string[] = [];
  for await (const { info } of service.List({ snapshotter }, world.options)) {
    for (const { name, kind, parent, labels } of info) {
      const files = kind === 'COMMITTED' ? ` ${textOf(await filesOf(world, name))}` : '';
      lines.push(`snapshot ${name} ${kind} on "${parent}" ${textOf(labels)}${files}`);
    }
  }
  return lines;
}

/** A committed snapshot's own files, which only a view of it tells the place of. */
async function filesOf({ client }: World, name: string): Promise<Record<string, string>> {
  const service = client.service('containerd.services.snapshots.v1.Snapshots');
  const key = `look at ${name}`;
  const { mounts } = await service.View({ snapshotter, key, parent: name });
  try {
    const folder = upperOf(mounts);
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(files.map(({ name: file }) => [file, readFileSync(join(folder, file), 'utf8')]));
  } finally {
    await service.Remove({ snapshotter, key });
  }
}

async function namespaces({ client, namespace, options }: World): Promise<string[]> {
  const { namespaces: found } = await client.service('containerd.services.namespaces.v1.Namespaces').List({}, options);
  return found.filter(({ name }) => name.startsWith(namespace)).map(({ name }) => `namespace ${name}`);
}

function textOf(map: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(map).sort()));
}
