import { JSON_TYPES, packJson } from '../../proto/any.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import type { Container } from '../container/container.ts';
import type { SpecProcess } from '../spec/types.ts';
import type { StdioPaths } from './io.ts';
import { Process } from './process.ts';

const undoTimeoutMs = 10_000;

/** Where the standard streams of a new process lead. */
export interface Stdio {
  readonly paths: StdioPaths;
  /** Called when the shim has opened its ends of the paths. */
  connect?(process: Process): void;
}

/**
 * Output to one log URI (`file:///path`, `binary:///path?…`, Gantry's `json:///path?…` and `cri:///path?…`). No input, or
 * with `input` what clients write at the attach socket that the URI names.
 */
export function logStdio(uri: string, { terminal, input = false }: { terminal: boolean; input?: boolean }): Stdio {
  return { paths: { stdin: input ? 'attach://' : '', stdout: uri, stderr: terminal ? '' : uri, terminal } };
}

/** Makes and starts the first process of a container. If it cannot be started, nothing of the task is left. */
export async function startTask(
  client: Client,
  container: Container,
  stdio: Stdio,
  options: CallOptions = {},
): Promise<Process> {
  const tasks = client.service('containerd.services.tasks.v1.Tasks');
  const { id, snapshotter, snapshotKey } = container;
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter, key: snapshotKey }, options);
  const process = new Process(client, id);
  await tasks.Create({ containerId: id, rootfs: mounts, ...stdio.paths }, options);
  return orDelete(process, async () => {
    stdio.connect?.(process);
    await process.start(options);
  });
}

/** Adds a process to a running container and starts it. */
export async function execProcess(
  client: Client,
  { containerId, execId, spec }: { containerId: string; execId: string; spec: SpecProcess },
  stdio: Stdio,
  options: CallOptions = {},
): Promise<Process> {
  const tasks = client.service('containerd.services.tasks.v1.Tasks');
  const process = new Process(client, containerId, execId);
  await tasks.Exec({ containerId, execId, spec: packJson(JSON_TYPES.process, spec), ...stdio.paths }, options);
  return orDelete(process, async () => {
    await process.start(options);
    stdio.connect?.(process);
  });
}

async function orDelete(process: Process, start: () => Promise<void>): Promise<Process> {
  try {
    await start();
    return process;
  } catch (error) {
    await process.delete({ timeoutMs: undoTimeoutMs }).catch(() => undefined);
    throw error;
  }
}
