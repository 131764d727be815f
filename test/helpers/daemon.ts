import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { buildFolder, repository, shortTempFolder } from './paths.ts';
import { descendantsOf, type ProcessEntry } from './processes.ts';
import { removeDeadShimSockets, shimSockets } from './shim-sockets.ts';
import { type Ending, Supervised } from './supervised.ts';

/** Which daemon: ours, or Debian's containerd, the peer that every black-box test is also run against. */
export type DaemonKind = 'gantryd' | 'containerd';

/** What can differ from one daemon of a test to another. */
export interface DaemonOptions {
  /** TOML added to the configuration file. */
  readonly config?: string;
  /** Folders searched before PATH. */
  readonly path?: readonly string[];
  /** Replaces PATH altogether. */
  readonly onlyPath?: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its root folder, if that is not to lie in the daemon's own; the caller's to remove. */
  readonly root?: string;
}

const readyDeadlineMs = 20_000;

/** Folders of the state directory and of the machine that hold one entry per container while it exists. */
const perContainerFolders: Readonly<Record<DaemonKind, readonly string[]>> = {
  gantryd: ['s'],
  containerd: [],
};

/**
 * A daemon on paths of its own in a short temporary folder, below a parent that reaps. It can be killed and started
 * again on the same paths; disposing it stops it, ends whatever it left running and removes its folder.
 */
export class Daemon implements AsyncDisposable {
  readonly kind: DaemonKind;
  /** Everything of this daemon lies in here. */
  readonly folder = shortTempFolder();
  readonly root: string;
  readonly state = join(this.folder, 'state');
  readonly address = join(this.folder, 'd.sock');
  readonly #logPath = join(this.folder, 'log');
  readonly #configPath = join(this.folder, 'config.toml');
  readonly #foreignSockets = shimSockets();
  #options: DaemonOptions;
  /** One per start; earlier ones keep what a killed daemon left behind. */
  readonly #lives: Supervised[] = [];

  private constructor(kind: DaemonKind, options: DaemonOptions) {
    this.kind = kind;
    this.#options = options;
    this.root = options.root ?? join(this.folder, 'root');
  }

  /** Starts a daemon; returns when its socket takes connections. */
  static async start(kind: DaemonKind, options: DaemonOptions = {}): Promise<Daemon> {
    const daemon = new Daemon(kind, options);
    try {
      await daemon.start();
    } catch (error) {
      await daemon.close();
      throw error;
    }
    return daemon;
  }

  /** Starts it again after `kill`, on the same paths; `options` replace those of before. */
  async start(options: DaemonOptions = this.#options): Promise<void> {
    this.#options = options;
    const life = await this.launch();
    const ending = await eventually(() => life.ending ?? this.#connect(), {
      deadlineMs: readyDeadlineMs,
      intervalMs: 10,
    });
    if (ending === undefined) return;
    throw new Error(`${this.kind} ended while starting (${ending.how} ${ending.value}):\n${this.log}`);
  }

  /** Starts the process on the same paths without waiting for its socket, which may never come. */
  async launch(): Promise<Supervised> {
    writeFileSync(this.#configPath, this.#configuration());
    const life = await Supervised.start({ argv: this.#argv(), env: this.#environment(), logPath: this.#logPath });
    this.#lives.push(life);
    return life;
  }

  /** Process id of the daemon. */
  get pid(): number {
    return this.#current().pid;
  }

  /** Process ids of the reaping parents: the daemon and whatever it left behind are below them. */
  get reaperPids(): number[] {
    return this.#lives.map((life) => life.reaperPid);
  }

  /** The one process below this daemon, or left behind by it, whose command line holds that text. */
  processOf(text: string): ProcessEntry {
    const found = descendantsOf(this.reaperPids).filter(({ command }) => command.includes(text));
    if (found.length !== 1 || found[0] === undefined) {
      throw new Error(`${found.length} processes instead of one hold "${text}" in their command line`);
    }
    return found[0];
  }

  /** What the daemon has logged so far. */
  get log(): string {
    return existsSync(this.#logPath) ? readFileSync(this.#logPath, 'utf8') : '';
  }

  /** Folders that must be empty when no container exists. */
  get perContainerFolders(): string[] {
    return perContainerFolders[this.kind].map((name) => join(this.state, name));
  }

  /** Ends the daemon by a signal, SIGKILL unless told otherwise; its shims and containers live on. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    return this.#current().end(signal);
  }

  /** Whether the daemon is dead. */
  get hasEnded(): boolean {
    return this.#current().ending !== undefined;
  }

  /** Waits for the daemon to end on its own. */
  async ended(): Promise<Ending> {
    return this.#current().wait();
  }

  /** Kills the daemon with SIGKILL and starts it again. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Stops the daemon, ends everything it left running and removes its folder. */
  async close(): Promise<void> {
    for (const life of this.#lives) {
      if (life.ending === undefined) process.kill(life.pid, 'SIGTERM');
    }
    await eventually(() => {
      if (this.#lives.some((life) => life.ending === undefined)) throw new Error(`${this.kind} ignores SIGTERM`);
    }).catch(() => undefined);
    for (const life of this.#lives) await life.close();
    this.#unmountAll();
    await removeDeadShimSockets(this.#foreignSockets);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #current(): Supervised {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error(`${this.kind} was never started`);
    return life;
  }

  #argv(): string[] {
    const flags = ['--config', this.#configPath, '--root', this.root, '--state', this.state, '--address', this.address];
    return this.kind === 'gantryd' ? [join(repository, 'bin/gantryd'), ...flags] : ['containerd', ...flags];
  }

  #configuration(): string {
    const extra = this.#options.config ?? '';
    if (this.kind === 'gantryd') return `version = 2\n${extra}\n`;
    // Without these plugins the peer starts faster and listens on nothing but its socket.
    const unused = ['grpc.v1.cri', 'snapshotter.v1.btrfs', 'snapshotter.v1.zfs', 'snapshotter.v1.devmapper'];
    const disabled = unused.map((name) => `"io.containerd.${name}"`).join(', ');
    return `version = 2\ndisabled_plugins = [${disabled}]\n[ttrpc]\naddress = "${this.address}.ttrpc"\n${extra}\n`;
  }

  #environment(): Record<string, string> {
    const path = this.#options.onlyPath ?? [...(this.#options.path ?? []), buildFolder, process.env['PATH']].join(':');
    return { PATH: path, HOME: '/root', ...this.#options.env };
  }

  async #connect(): Promise<undefined> {
    const socket = connect(this.address);
    try {
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    } finally {
      socket.destroy();
    }
  }

  #unmountAll(): void {
    for (const path of mountsBelow(this.folder)) execFileSync('umount', ['--lazy', path]);
  }
}

/** Mount points below a folder, innermost first. */
export function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
