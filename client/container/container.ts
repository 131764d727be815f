import { notFound } from '../../base/errors.ts';
import { JSON_TYPES, unpackJson } from '../../proto/any.ts';
import type { Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import type { Spec } from '../spec/types.ts';

/** A container: the record from which tasks are made. What runs, and how it ended, is the task's to say. */
export interface Container {
  readonly id: string;
  /** Name of the image record it was made from; empty if from none. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  readonly runtime: string;
  /** What the runtime is told; undefined for a spec that is not OCI's. */
  readonly spec: Spec | undefined;
  readonly createdAt: Messages['google.protobuf.Timestamp'] | null;
}

/** @throws GantryError not-found */
export async function getContainer(client: Client, id: string, options: CallOptions = {}): Promise<Container> {
  const { container } = await client.service('containerd.services.containers.v1.Containers').Get({ id }, options);
  if (container === null) throw notFound(`container "${id}": not found`);
  return toContainer(container);
}

/** All containers of the client's namespace, one message each, so their number is not limited by a message's size. */
export async function* listContainers(client: Client, options: CallOptions = {}): AsyncGenerator<Container> {
  const containers = client.service('containerd.services.containers.v1.Containers');
  for await (const { container } of containers.ListStream({}, options)) {
    if (container !== null) yield toContainer(container);
  }
}

function toContainer(record: Messages['containerd.services.containers.v1.Container']): Container {
  const { id, image, labels, snapshotter, snapshotKey, createdAt } = record;
  const spec =
    record.spec?.typeUrl === JSON_TYPES.spec ? (unpackJson(JSON_TYPES.spec, record.spec) as Spec) : undefined;
  return { id, image, labels, snapshotter, snapshotKey, runtime: record.runtime?.name ?? '', spec, createdAt };
}
