import { failedPrecondition } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { buildExecProcess, type TerminalSize } from '../spec/build.ts';
import { withRootfs } from '../spec/rootfs.ts';
import type { SpecUser } from '../spec/types.ts';
import { resolveUser } from '../spec/user.ts';
import type { Process } from '../task/process.ts';
import { execProcess, type Stdio } from '../task/start.ts';
import { type Container, getContainer } from './container.ts';

export interface ContainerExecOptions extends CallOptions {
  args: readonly string[];
  /** `KEY=value` to set, `KEY` to remove. */
  env?: readonly string[] | undefined;
  cwd?: string | undefined;
  /** `user[:group]`, by number or name; the container's own without it. */
  user?: string | undefined;
  terminal?: TerminalSize | boolean | undefined;
}

/**
 * Runs another process in a container that runs.
 * @throws GantryError not-found for the container, its task or the user
 */
export async function execInContainer(
  client: Client,
  id: string,
  stdio: Stdio,
  options: ContainerExecOptions,
): Promise<Process> {
  const container = await getContainer(client, id, options);
  if (container.spec === undefined) throw failedPrecondition(`container "${id}": its spec is not an OCI spec`);
  const { args, env, cwd, terminal } = options;
  const user = options.user === undefined ? undefined : await userIn(client, container, options.user, options);
  const spec = buildExecProcess(container.spec.process, { args, env, cwd, user, terminal });
  return execProcess(client, { containerId: id, execId: `exec-${randomHex(8)}`, spec }, stdio, options);
}

async function userIn(client: Client, container: Container, user: string, options: CallOptions): Promise<SpecUser> {
  const { snapshotter, snapshotKey } = container;
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter, key: snapshotKey }, options);
  return withRootfs(mounts, (read) => resolveUser(user, read));
}
