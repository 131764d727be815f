import type { Client } from '../../client/client.ts';

type Labels = Readonly<Record<string, string>>;

/** What one namespace of a daemon holds, in an order of its own, without times. */
export interface Stores {
  readonly images: readonly { name: string; mediaType: string; digest: string; size: number; labels: Labels }[];
  readonly blobs: readonly { digest: string; size: number; labels: Labels }[];
  /** References of blobs that are being written, or were left half-written. */
  readonly writing: readonly string[];
  readonly snapshots: readonly { name: string; parent: string; kind: string; labels: Labels }[];
  readonly leases: readonly string[];
}

const byFirst =
  <T>(first: (item: T) => string) =>
  (a: T, b: T) =>
    first(a) < first(b) ? -1 : 1;

/** Everything in the stores of the client's namespace. */
export async function storesOf(client: Client, snapshotter = 'overlayfs'): Promise<Stores> {
  const { leases } = await client.service('containerd.services.leases.v1.Leases').List({});
  return {
    images: await imagesOf(client),
    blobs: await blobsOf(client),
    writing: await writingOf(client),
    snapshots: await snapshotsOf(client, snapshotter),
    leases: leases.map(({ id }) => id).sort(),
  };
}

async function imagesOf(client: Client): Promise<Stores['images']> {
  const { images } = await client.service('containerd.services.images.v1.Images').List({});
  return images
    .map(({ name, target, labels }) => ({
      name,
      mediaType: target?.mediaType ?? '',
      digest: target?.digest ?? '',
      size: target?.size ?? 0,
      labels,
    }))
    .sort(byFirst(({ name }) => name));
}

/** Every blob with its labels, sorted by digest. */
export async function blobsOf(client: Client): Promise<Stores['blobs']> {
  const blobs: { digest: string; size: number; labels: Labels }[] = [];
  for await (const { info } of client.service('containerd.services.content.v1.Content').List({})) {
    for (const { digest, size, labels } of info) blobs.push({ digest, size, labels });
  }
  return blobs.sort(byFirst(({ digest }) => digest));
}

async function writingOf(client: Client): Promise<string[]> {
  const { statuses } = await client.service('containerd.services.content.v1.Content').ListStatuses({});
  return statuses.map(({ ref }) => ref).sort();
}

async function snapshotsOf(client: Client, snapshotter: string): Promise<Stores['snapshots']> {
  const snapshots: { name: string; parent: string; kind: string; labels: Labels }[] = [];
  for await (const { info } of client.service('containerd.services.snapshots.v1.Snapshots').List({ snapshotter })) {
    for (const { name, parent, kind, labels } of info) snapshots.push({ name, parent, kind: String(kind), labels });
  }
  return snapshots.sort(byFirst(({ name }) => name));
}
