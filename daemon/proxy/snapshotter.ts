import type {
  CommitOptions,
  CreateOptions,
  Mount,
  SnapshotChange,
  SnapshotInfo,
  Snapshotter,
  SnapshotUsage,
} from '../../snapshotter/snapshotter.ts';
import { infoFromWire } from '../../snapshotter/wire.ts';
import type { ProxyConnection } from './connection.ts';

/** A snapshotter in a process of its own, reached over gRPC as containerd reaches its proxy snapshotters. */
export class ProxySnapshotter implements Snapshotter {
  readonly #connection: ProxyConnection;

  /** Closing the snapshotter leaves the connection, which others may use, to its owner. */
  constructor(connection: ProxyConnection) {
    this.#connection = connection;
  }

  async prepare(key: string, parent: string, { labels = {} }: CreateOptions = {}): Promise<Mount[]> {
    const request = { ...this.#named, key, parent, labels };
    return (await this.#connection.answer(this.#service(key).Prepare(request))).mounts;
  }

  async view(key: string, parent: string, { labels = {} }: CreateOptions = {}): Promise<Mount[]> {
    const request = { ...this.#named, key, parent, labels };
    return (await this.#connection.answer(this.#service(key).View(request))).mounts;
  }

  async mounts(key: string): Promise<Mount[]> {
    return (await this.#connection.answer(this.#service(key).Mounts({ ...this.#named, key }))).mounts;
  }

  async commit(name: string, key: string, { labels = {}, parent = '' }: CommitOptions = {}): Promise<void> {
    await this.#connection.answer(this.#service(key).Commit({ ...this.#named, name, key, labels, parent }));
  }

  async remove(key: string): Promise<void> {
    await this.#connection.answer(this.#service(key).Remove({ ...this.#named, key }));
  }

  async stat(key: string): Promise<SnapshotInfo> {
    return infoFromWire((await this.#connection.answer(this.#service(key).Stat({ ...this.#named, key }))).info);
  }

  async update({ name, labels }: SnapshotChange, fieldPaths: readonly string[] = []): Promise<SnapshotInfo> {
    const request = { ...this.#named, info: { name, labels }, updateMask: { paths: [...fieldPaths] } };
    return infoFromWire((await this.#connection.answer(this.#service(name).Update(request))).info);
  }

  async *walk(filters: readonly string[] = []): AsyncIterable<SnapshotInfo> {
    try {
      const answers = this.#service('').List({ ...this.#named, filters: [...filters] });
      for await (const { info } of answers) yield* info.map(infoFromWire);
    } catch (error) {
      throw this.#connection.explained(error);
    }
  }

  async usage(key: string, options: { signal?: AbortSignal | undefined } = {}): Promise<SnapshotUsage> {
    const call = this.#service(key).Usage({ ...this.#named, key }, options);
    const { size, inodes } = await this.#connection.answer(call);
    return { sizeBytes: size, inodes };
  }

  async cleanup(): Promise<void> {
    await this.#connection.answer(this.#service('').Cleanup(this.#named));
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  get #named(): { readonly snapshotter: string } {
    return { snapshotter: this.#connection.name };
  }

  /** In the namespace that the key begins with: some snapshotters want to know whose the call is. */
  #service(key: string) {
    const namespace = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
    return this.#connection.service('containerd.services.snapshots.v1.Snapshots', namespace);
  }
}
