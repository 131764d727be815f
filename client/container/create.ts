import { alreadyExists, isKind } from '../../base/errors.ts';
import { validateIdentifier } from '../../base/ids.ts';
import { type UndoStack, withUndo } from '../../base/undo.ts';
import { JSON_TYPES, packJson } from '../../proto/any.ts';
import type { Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { containerLabelsOf, stopSignalLabel } from '../image/labels.ts';
import { resolveImage } from '../image/resolve.ts';
import { findImage, type ImageRecord } from '../image/store.ts';
import { unpackImage } from '../image/unpack.ts';
import { withLease } from '../lease.ts';
import { buildSpec, type SpecOptions } from '../spec/build.ts';
import { withRootfs } from '../spec/rootfs.ts';
import { resolveUser } from '../spec/user.ts';
import { type Container, getContainer } from './container.ts';

export const defaultRuntime = 'io.containerd.runc.v2';
export const defaultSnapshotter = 'overlayfs';

export interface CreateOptions extends SpecOptions, CallOptions {
  id: string;
  /** An image of the store, or a reference to one in any of Docker's short forms. */
  image: string | ImageRecord;
  /** `user[:group]`, by number or name; the image's own without it. */
  user?: string | undefined;
  /** Added to those of the image. */
  labels?: Readonly<Record<string, string>> | undefined;
  runtime?: string | undefined;
  snapshotter?: string | undefined;
  /** Told before each layer that has to be unpacked first. */
  onLayer?: ((layer: number, total: number) => void) | undefined;
}

/**
 * Makes a container from an image: unpacks the image if need be, prepares a root file system and stores the record. All or
 * nothing: a failure takes back what was made.
 * @throws GantryError not-found for the image or the user, already-exists for the id, invalid-argument for bad options
 */
export async function createContainer(client: Client, options: CreateOptions): Promise<Container> {
  const namespace = client.namespace ?? '';
  const { id, snapshotter = defaultSnapshotter } = options;
  validateIdentifier(id, 'container id');
  return withLease(client, options, (leased) =>
    withUndo(async (undo) => {
      const record =
        typeof options.image === 'string' ? await findImage(leased, options.image, options) : options.image;
      const image = await resolveImage(leased, record.target, options);
      const parent = await unpackImage(leased, image, { ...options, snapshotter });
      const mounts = await prepareRootfs(leased, { id, snapshotter, parent: parent ?? '' }, options, undo);
      const user = await withRootfs(mounts, (read) => resolveUser(options.user ?? image.config.user, read));
      const spec = buildSpec({ namespace, id }, image.config, user, options);
      const container = {
        id,
        image: record.name,
        labels: {
          ...containerLabelsOf(image.config.labels),
          ...(image.config.stopSignal === '' ? {} : { [stopSignalLabel]: image.config.stopSignal }),
          ...options.labels,
        },
        runtime: { name: options.runtime ?? defaultRuntime },
        spec: packJson(JSON_TYPES.spec, spec),
        snapshotter,
        snapshotKey: id,
      };
      await leased.service('containerd.services.containers.v1.Containers').Create({ container }, options);
      return getContainer(leased, id, options);
    }),
  );
}

async function prepareRootfs(
  client: Client,
  { id, snapshotter, parent }: { id: string; snapshotter: string; parent: string },
  options: CallOptions,
  undo: UndoStack,
): Promise<Messages['containerd.types.Mount'][]> {
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  try {
    const { mounts } = await snapshots.Prepare({ snapshotter, key: id, parent }, options);
    undo.push(`remove snapshot ${id}`, async (signal) => {
      await snapshots.Remove({ snapshotter, key: id }, { signal });
    });
    return mounts;
  } catch (error) {
    // The snapshot has the container's name; say which of the two is in the way.
    if (isKind(error, 'already-exists') && (await exists(client, id, options))) {
      throw alreadyExists(`container "${id}": already exists`);
    }
    throw error;
  }
}

async function exists(client: Client, id: string, options: CallOptions): Promise<boolean> {
  return getContainer(client, id, options).then(
    () => true,
    () => false,
  );
}
