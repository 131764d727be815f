import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Client, connect } from '../../client/client.ts';
import { type BusyboxImageOptions, busyboxImage, busyboxImageName, writeArchive } from '../../scripts/busybox-image.ts';
import { Ctr } from './ctr.ts';
import { Daemon, type DaemonKind, type DaemonOptions } from './daemon.ts';
import { expectNothingLeft, removeNamespaceFolders } from './leak-guard.ts';

/** What a side starts with. */
export interface SideOptions {
  /** Imports the image of busybox first; options change the image. */
  readonly image?: true | BusyboxImageOptions;
  readonly daemon?: DaemonOptions;
}

/** Name of the image that `image` imports. */
export const image = busyboxImageName;

/**
 * One of the two daemons with a namespace of its own and its clients. Disposing it fails if containers of that namespace
 * have left anything, and removes everything in any case.
 */
export class Side implements AsyncDisposable {
  readonly daemon: Daemon;
  // Of one length on both sides, so that tables are equally wide.
  readonly namespace = `gt-${randomBytes(4).toString('hex')}`;
  /** Debian's client in this namespace. */
  readonly ctr: Ctr;
  /** The plain RPCs, for what ctr cannot ask or does not show. */
  readonly client: Client;

  private constructor(daemon: Daemon) {
    this.daemon = daemon;
    this.ctr = new Ctr(daemon, this.namespace);
    this.client = connect({ address: daemon.address, namespace: this.namespace });
  }

  /** Starts a daemon and imports the image if one is wanted. */
  static async start(kind: DaemonKind, options: SideOptions = {}): Promise<Side> {
    const side = new Side(await Daemon.start(kind, options.daemon));
    try {
      if (options.image !== undefined) await side.#importImage(options.image === true ? {} : options.image);
    } catch (error) {
      await side.#close();
      throw error;
    }
    return side;
  }

  get kind(): DaemonKind {
    return this.daemon.kind;
  }

  /** What the daemon has logged so far. */
  get log(): string {
    return this.daemon.log;
  }

  /** Text with what cannot be the same on both sides (paths, times, namespace) replaced. */
  readonly normalise = (text: string): string =>
    text
      .replaceAll(this.daemon.folder, '<folder>')
      .replaceAll(this.namespace, '<namespace>')
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)/g, '<time>');

  /** Removes a container with its task, whatever state it is in. */
  async remove(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.ctr.ok('tasks', 'rm', '-f', id);
      await this.ctr.ok('containers', 'rm', id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await expectNothingLeft(this.daemon, [this.namespace]);
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    this.client.close();
    await this.daemon.close();
    removeNamespaceFolders([this.namespace]);
  }

  async #importImage(options: BusyboxImageOptions): Promise<void> {
    const archive = join(this.daemon.folder, 'image.tar');
    await writeArchive(archive, await busyboxImage(options));
    await this.ctr.ok('images', 'import', archive);
    await this.#collectGarbage();
  }

  /** Runs a garbage collection and waits for it, so that none that was due falls into a scenario. */
  async #collectGarbage(): Promise<void> {
    await this.ctr.ok('leases', 'create', '--id', 'collect-garbage');
    await this.ctr.ok('leases', 'rm', '--sync', 'collect-garbage');
  }
}
