import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { busyboxImage } from '../../scripts/busybox-image.ts';
import type { CtrOptions, Output } from './ctr.ts';
import { eventually } from './eventually.ts';

/** What `docker inspect` tells of a container, as far as tests look at it. */
export interface Inspected {
  readonly Id: string;
  readonly RestartCount: number;
  readonly ExecIDs: readonly string[] | null;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string; readonly Log: readonly { ExitCode: number; Output: string }[] };
  };
}

/** The image that `importImage` makes. */
export const dockerImage = 'busybox:gantry';

const commandDeadlineMs = 60_000;
/** Debian's client: another one may come first in PATH. */
const binary = '/usr/bin/docker';

/** Debian's `docker` on one dockerd, with a configuration folder of its own. */
export class Docker {
  /** URL of dockerd's socket. */
  readonly host: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(folder: string) {
    this.host = `unix://${join(folder, 'docker.sock')}`;
    this.#env = { DOCKER_CONFIG: join(folder, 'docker-config') };
  }

  /** The full command line. */
  argv(...args: string[]): string[] {
    return [binary, '--host', this.host, ...args];
  }

  /** Runs a command whatever its exit code. */
  async try(args: readonly string[], { input = '', env = {} }: Omit<CtrOptions, 'namespace'> = {}): Promise<Output> {
    const result = await execa(binary, ['--host', this.host, ...args], {
      input,
      env: { ...this.#env, ...env },
      reject: false,
      stripFinalNewline: false,
      timeout: commandDeadlineMs,
    });
    // No exit code: it did not start, or it was killed at the deadline.
    if (result.exitCode === undefined) throw result;
    return { stdout: result.stdout, stderr: result.stderr, code: result.exitCode };
  }

  /** Starts a command that a test talks to while it runs; awaiting it gives its end, whatever the exit code. */
  start(...args: string[]) {
    return execa(binary, ['--host', this.host, ...args], {
      env: this.#env,
      reject: false,
      timeout: commandDeadlineMs,
    });
  }

  /** Runs a command that has to succeed and returns its standard output. */
  async ok(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.try(args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: exit code ${code}: ${stderr.trim()}`);
    return stdout;
  }

  /** Runs a command that has to fail and returns its error text. */
  async fails(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.try(args);
    if (code === 0) throw new Error(`docker ${args.join(' ')} succeeded: ${stdout.trim()}`);
    return stderr;
  }

  async inspect(container: string): Promise<Inspected> {
    const [inspected] = JSON.parse(await this.ok('inspect', container)) as Inspected[];
    if (inspected === undefined) throw new Error(`docker inspect ${container} shows nothing`);
    return inspected;
  }

  /** Waits until dockerd knows the process id of the one exec of a container: output may come before. */
  async execRuns(container: string): Promise<void> {
    await eventually(async () => {
      const { ExecIDs } = await this.inspect(container);
      const { Pid } = (await this.#get(`/exec/${ExecIDs?.[0]}/json`)) as { Pid?: number };
      if (ExecIDs?.length !== 1 || !Pid) throw new Error(`no exec runs in ${container}`);
    });
  }

  /** What has no command is asked from the API. */
  async #get(path: string): Promise<unknown> {
    const asked = get({ socketPath: this.host.slice('unix://'.length), path });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return json(response);
  }

  /** Makes `dockerImage` out of busybox; the Docker of Debian cannot load image layouts. */
  async importImage(): Promise<void> {
    const layer = (await busyboxImage()).find(({ name }) => name.startsWith('blobs/'))?.content as Buffer;
    const args = ['import', '--change', 'CMD ["sh"]', '--change', 'ENV PATH=/bin', '-', dockerImage];
    const { code, stderr } = await this.try(args, { input: gunzipSync(layer) });
    if (code !== 0) throw new Error(`docker import: ${stderr}`);
  }
}

/** Puts a configuration file for dockerd into a folder; what has no flag is there. */
export function writeDockerdConfig(folder: string): string {
  const path = join(folder, 'dockerd.json');
  // Else the key lies in /etc/docker.
  writeFileSync(path, JSON.stringify({ 'deprecated-key-path': join(folder, 'key.json') }));
  return path;
}

/** The folder where dockerd looks for plugins, whatever its paths: made by it, and empty without plugins. */
export const pluginFolder = '/run/docker';

/** Removes `pluginFolder`. */
export function removePluginFolder(): void {
  rmSync(pluginFolder, { recursive: true, force: true });
}
