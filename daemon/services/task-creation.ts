import { GantryError } from '../../base/errors.ts';
import { type Any, holds, unpack } from '../../proto/any.ts';
import { encode, type Messages } from '../../proto/codec.ts';
import type { Bootstrap } from '../runtime/bootstrap.ts';
import { bootstrapOf } from '../runtime/sandbox-member.ts';
import type { TaskCreation } from '../runtime/task-manager.ts';
import { requireCheckpoint, type TaskCheckpoints } from './task-checkpoints.ts';

/** What a task needs of its container. */
export type TaskContainer = Pick<Messages['containerd.services.containers.v1.Container'], 'id' | 'spec' | 'runtime'> & {
  /** Id of its sandbox; empty for none. */
  readonly sandbox?: string;
};

type CreateRequest = Messages['containerd.services.tasks.v1.CreateTaskRequest'];

const runcOptions = 'containerd.runc.v1.Options';

/**
 * What the runtime is asked for to create a container's task. Options of the request take precedence over those of the
 * container, and its `runtimePath` over the container's runtime.
 */
export function creationOf(
  container: TaskContainer,
  request: CreateRequest,
  checkpoints: Pick<TaskCheckpoints, 'unpack'>,
): TaskCreation {
  const { rootfs, terminal, stdin, stdout, stderr } = request;
  const runtime = container.runtime?.name ?? '';
  const checkpoint = restorePathOf(runtime, request.options);
  // A directory that the options name takes precedence over an image.
  const image = checkpoint === '' && request.checkpoint !== null ? requireCheckpoint(request.checkpoint) : undefined;
  return {
    id: container.id,
    runtime: request.runtimePath || runtime,
    spec: container.spec?.value ?? new Uint8Array(),
    record: encode('containerd.services.containers.v1.Container', container),
    sandboxId: container.sandbox ?? '',
    sandboxShim: sandboxShimOf(request),
    options: request.options ?? container.runtime?.options ?? null,
    request: { rootfs, terminal, stdin, stdout, stderr, checkpoint },
    unpackCheckpoint: image && ((ctx, bundle) => checkpoints.unpack(ctx, bundle, image)),
  };
}

/** The directory of a checkpoint to restore from; runc's options are the only ones that can name one. */
function restorePathOf(runtime: string, options: Any | null): string {
  if (options === null || !runtime.startsWith('io.containerd.runc.')) return '';
  if (!holds(options, runcOptions)) throw new GantryError('unknown', `invalid task create option for ${runtime}`);
  return unpack(runcOptions, options).criuImagePath;
}

/** Where the client says that the sandbox's shim is: in the request, else, as up to containerd 2.0, in the options. */
function sandboxShimOf({ taskApiAddress, taskApiVersion, options }: CreateRequest): Bootstrap | undefined {
  if (taskApiAddress !== '') return bootstrapOf(taskApiAddress, taskApiVersion);
  if (options === null || !holds(options, runcOptions)) return undefined;
  const old = unpack(runcOptions, options);
  return old.taskApiAddress === '' ? undefined : bootstrapOf(old.taskApiAddress, old.taskApiVersion);
}
