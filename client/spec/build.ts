import { invalidArgument } from '../../base/errors.ts';
import type { ImageConfig } from '../../image/config.ts';
import { defaultSpec } from './default.ts';
import { mergeEnv } from './env.ts';
import type { Spec, SpecMount, SpecProcess, SpecUser } from './types.ts';

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

const cpuPeriodUs = 100_000;
const minCpuQuotaUs = 1_000;

/** How a container differs from its image and from containerd's defaults. */
export interface SpecOptions {
  /** Replaces the image's command, not its entry point. */
  args?: readonly string[] | undefined;
  /** `KEY=value` to set, `KEY` to remove. */
  env?: readonly string[] | undefined;
  /** Added after the defaults. */
  mounts?: readonly SpecMount[] | undefined;
  cwd?: string | undefined;
  readonlyRootfs?: boolean | undefined;
  memoryBytes?: number | undefined;
  /** Processors' worth of time, for example 0.5. */
  cpus?: number | undefined;
  /** A terminal of that size; `true` for one whose size is not known. */
  terminal?: TerminalSize | boolean | undefined;
  hostname?: string | undefined;
  /** Shares the host's network namespace, hosts file and resolver; without it there is only an unconfigured loopback. */
  hostNetwork?: boolean | undefined;
}

/** Builds the runtime spec of a container: containerd's defaults, then the image's config, then `options`. */
export function buildSpec(
  target: { namespace: string; id: string },
  image: ImageConfig,
  user: SpecUser,
  options: SpecOptions = {},
): Spec {
  const spec = defaultSpec(target.namespace, target.id);
  spec.process.user = structuredClone(user);
  spec.process.env = mergeEnv(image.env, [...(options.terminal ? ['TERM=xterm'] : []), ...(options.env ?? [])]);
  spec.process.args = [...image.entrypoint, ...(options.args?.length ? options.args : image.cmd)];
  spec.process.cwd = absolute(options.cwd ?? (image.workingDir === '' ? '/' : image.workingDir));
  if (spec.process.args.length === 0) {
    throw invalidArgument('no command given, and the image names none');
  }
  Object.assign(spec.process, terminalOf(options.terminal));
  if (options.readonlyRootfs) spec.root.readonly = true;
  if (options.hostname !== undefined) spec.hostname = options.hostname;
  if (options.hostNetwork) shareHostNetwork(spec);
  spec.mounts.push(...(options.mounts ?? []).map((mount) => ({ ...mount, options: [...mount.options] })));
  limitResources(spec, options);
  return spec;
}

/** How an exec differs from the container's own process. */
export interface ExecOptions {
  args: readonly string[];
  env?: readonly string[] | undefined;
  cwd?: string | undefined;
  user?: SpecUser | undefined;
  terminal?: TerminalSize | boolean | undefined;
}

/** The process of an exec: the container's own, with another command line and what `options` change. */
export function buildExecProcess(container: SpecProcess, options: ExecOptions): SpecProcess {
  if (options.args.length === 0) throw invalidArgument('no command given');
  const env = [...(options.terminal ? ['TERM=xterm'] : []), ...(options.env ?? [])];
  const { terminal: _, consoleSize: __, ...inherited } = structuredClone(container);
  return {
    ...inherited,
    args: [...options.args],
    env: mergeEnv(container.env, env),
    cwd: absolute(options.cwd ?? container.cwd),
    user: structuredClone(options.user ?? container.user),
    ...terminalOf(options.terminal),
  };
}

function terminalOf(terminal: TerminalSize | boolean | undefined): Partial<SpecProcess> {
  if (!terminal) return {};
  if (terminal === true) return { terminal };
  return { terminal: true, consoleSize: { height: terminal.rows, width: terminal.columns } };
}

function absolute(cwd: string): string {
  if (!cwd.startsWith('/')) throw invalidArgument(`working directory "${cwd}" must be an absolute path`);
  return cwd;
}

function shareHostNetwork(spec: Spec): void {
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network');
  for (const path of ['/etc/hosts', '/etc/resolv.conf']) {
    spec.mounts.push({ destination: path, type: 'bind', source: path, options: ['rbind', 'ro'] });
  }
}

function limitResources(spec: Spec, { memoryBytes, cpus }: SpecOptions): void {
  if (memoryBytes !== undefined) {
    if (!Number.isSafeInteger(memoryBytes) || memoryBytes <= 0) {
      throw invalidArgument(`memory limit ${memoryBytes} must be a positive number of bytes`);
    }
    spec.linux.resources.memory = { limit: memoryBytes };
  }
  if (cpus !== undefined) {
    const quota = Math.round(cpus * cpuPeriodUs);
    if (!Number.isSafeInteger(quota) || quota < minCpuQuotaUs) {
      throw invalidArgument(`cpus ${cpus} must be at least ${minCpuQuotaUs / cpuPeriodUs}`);
    }
    spec.linux.resources.cpu = { quota, period: cpuPeriodUs };
  }
}
