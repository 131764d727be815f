import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, type DaemonKind, type DaemonOptions, mountsBelow } from './daemon.ts';
import { Docker, pluginFolder, removePluginFolder, writeDockerdConfig } from './docker.ts';
import { eventually } from './eventually.ts';
import { expectNothingLeft, removeNamespaceFolders } from './leak-guard.ts';
import type { Ending } from './supervised.ts';
import { Supervised } from './supervised.ts';

/** What a Docker side starts with. */
export interface DockerSideOptions {
  readonly daemon?: DaemonOptions;
  /** Flags of dockerd besides those for its paths. */
  readonly flags?: readonly string[];
  /**
   * Lets dockerd make its bridge and its packet filter rules, which then give containers a network; or lets it reach the
   * registries on the machine's loopback, where it changes nothing.
   */
  readonly network?: true | 'machine';
}

const readyDeadlineMs = 30_000;
/** Starts dockerd in a network namespace of its own; without forwarding it warns its clients at every run. */
const prepare = 'ip link set lo up && echo 1 > /proc/sys/net/ipv4/ip_forward';
const ownNetwork = ['unshare', '--net', 'sh', '-c', `${prepare} && exec "$0" "$@"`];
const withoutBridge = ['--bridge=none', '--iptables=false'];
const changingNothing = [...withoutBridge, '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'];

/**
 * One of the two daemons with Debian's dockerd as its client, on paths, cgroups and namespaces of its own. Disposing it
 * fails if containers, or dockerd after its end, have left anything, and removes everything in any case.
 */
export class DockerSide implements AsyncDisposable {
  readonly daemon: Daemon;
  /** containerd's namespace that dockerd uses, and its parent cgroup. */
  readonly namespace = `gt-${randomBytes(4).toString('hex')}`;
  readonly docker: Docker;
  readonly #options: DockerSideOptions;
  readonly #folder: string;
  readonly #pluginFolderWasThere = existsSync(pluginFolder);
  readonly #lives: Supervised[] = [];

  private constructor(daemon: Daemon, options: DockerSideOptions) {
    this.daemon = daemon;
    this.#options = options;
    this.#folder = join(daemon.folder, 'docker');
    mkdirSync(this.#folder);
    this.docker = new Docker(this.#folder);
  }

  /** Starts both daemons and imports the image of busybox as `dockerImage`. */
  static async start(kind: DaemonKind, options: DockerSideOptions = {}): Promise<DockerSide> {
    const side = new DockerSide(await Daemon.start(kind, options.daemon), options);
    try {
      await side.startDockerd();
      await side.docker.importImage();
    } catch (error) {
      await side.#close();
      throw error;
    }
    return side;
  }

  get kind(): DaemonKind {
    return this.daemon.kind;
  }

  /** What both daemons have logged so far. */
  get log(): string {
    return `${this.daemon.log}\n${readFileSync(this.#logPath, 'utf8')}`;
  }

  /** Process id of dockerd. */
  get dockerdPid(): number {
    return this.#dockerd().pid;
  }

  /** Text with what cannot be the same on both sides replaced. */
  readonly normalise = (text: string): string =>
    text.replaceAll(this.daemon.folder, '<folder>').replaceAll(this.namespace, '<namespace>');

  /** Starts dockerd, or starts it again on the same paths; returns when it answers. */
  async startDockerd(): Promise<void> {
    const life = await Supervised.start({
      argv: this.#argv(),
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#folder },
      logPath: this.#logPath,
    });
    this.#lives.push(life);
    const ready = async () => {
      if (life.ending === undefined) await this.docker.ok('version');
    };
    await eventually(ready, { deadlineMs: readyDeadlineMs });
    if (life.ending === undefined) return;
    throw new Error(`dockerd ended while starting (${life.ending.how} ${life.ending.value}):\n${this.log}`);
  }

  /** Ends dockerd by a signal, SIGKILL unless told otherwise. */
  async killDockerd(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    return this.#dockerd().end(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#stopDockerd();
      await expectNothingLeft(this.daemon, [this.namespace]);
    } finally {
      await this.#close();
    }
  }

  get #root(): string {
    return join(this.#folder, 'data');
  }

  get #logPath(): string {
    return join(this.#folder, 'log');
  }

  #dockerd(): Supervised {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error('dockerd was never started');
    return life;
  }

  #argv(): string[] {
    const { network } = this.#options;
    const bridge = network === true ? [] : network === 'machine' ? changingNothing : withoutBridge;
    const inNetwork = network === 'machine' ? [] : ownNetwork;
    const paths = {
      containerd: this.daemon.address,
      host: this.docker.host,
      'config-file': writeDockerdConfig(this.#folder),
      'data-root': this.#root,
      'exec-root': join(this.#folder, 'exec'),
      pidfile: join(this.#folder, 'pid'),
      'cgroup-parent': `/${this.namespace}`,
      'containerd-namespace': this.namespace,
      'containerd-plugins-namespace': `${this.namespace}-plugins`,
    };
    const flags = Object.entries(paths).map(([name, value]) => `--${name}=${value}`);
    const others = ['--debug', '--group=root', ...bridge, ...(this.#options.flags ?? [])];
    return [...inNetwork, '/usr/sbin/dockerd', ...flags, ...others];
  }

  async #stopDockerd(): Promise<void> {
    for (const life of this.#lives) {
      if (life.ending === undefined) await life.end('SIGTERM');
      await life.close();
    }
    // Of its root it makes a mount, which it forgets when it has crashed before. Not to be unmounted: told as left.
    if (mountsBelow(this.#folder).includes(this.#root)) spawnSync('umount', [this.#root]);
  }

  async #close(): Promise<void> {
    for (const life of this.#lives) await life.close();
    await this.daemon.close();
    removeNamespaceFolders([this.namespace]);
    if (!this.#pluginFolderWasThere) removePluginFolder();
  }
}
