import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { repository, shortTempFolder } from './paths.ts';
import { type Ending, Supervised } from './supervised.ts';

/** `bin/gantry-snapshotter` on paths of its own. It can be ended and started again on the same paths. */
export class SnapshotterProcess implements AsyncDisposable {
  readonly folder = shortTempFolder();
  readonly address = join(this.folder, 's.sock');
  readonly root = join(this.folder, 'root');
  readonly #logPath = join(this.folder, 'log');
  readonly #flags: readonly string[];
  #life: Supervised | undefined;

  private constructor(flags: readonly string[]) {
    this.#flags = flags;
  }

  /** Starts it; returns when its socket takes connections. */
  static async start(...flags: readonly string[]): Promise<SnapshotterProcess> {
    const started = new SnapshotterProcess(flags);
    try {
      await started.start();
    } catch (error) {
      await started.close();
      throw error;
    }
    return started;
  }

  async start(): Promise<void> {
    const life = await this.launch();
    await this.#life?.close();
    this.#life = life;
    await eventually(() => {
      if (life.ending !== undefined) throw new Error(`gantry-snapshotter ended:\n${this.log}`);
      return this.#connect();
    });
  }

  /** Starts one more process on the same paths. */
  launch(): Promise<Supervised> {
    const paths = ['--root', this.root, '--address', this.address];
    return Supervised.start({
      argv: [join(repository, 'bin/gantry-snapshotter'), ...paths, ...this.#flags],
      env: { PATH: process.env['PATH'] ?? '' },
      logPath: this.#logPath,
    });
  }

  get log(): string {
    return existsSync(this.#logPath) ? readFileSync(this.#logPath, 'utf8') : '';
  }

  end(signal: NodeJS.Signals): Promise<Ending> {
    if (this.#life === undefined) throw new Error('gantry-snapshotter was never started');
    return this.#life.end(signal);
  }

  async close(): Promise<void> {
    if (this.#life !== undefined && this.#life.ending === undefined) await this.end('SIGTERM');
    await this.#life?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #connect(): Promise<void> {
    const socket = connect(this.address);
    try {
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    } finally {
      socket.destroy();
    }
  }
}
