import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { chainIds, sha256Of } from '../../base/digest.ts';
import type { CallOptions } from '../../client/call.ts';
import { type Client, connect } from '../../client/client.ts';
import { writeBlob } from '../../client/content/write.ts';
import { withLease } from '../../client/lease.ts';
import { sys } from '../../native/sys.ts';
import { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { type TreeEntry, treeOf } from '../contract/snapshotter-tree.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { Daemon } from '../helpers/daemon.ts';

export const snapshotter = 'overlayfs';
/** Keeps what has it from being collected. */
export const rooted = { 'containerd.io/gc.root': 'yes' };
const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** What a request to unpack has, and what is known of it. */
export interface TestImage {
  readonly snapshotter: string;
  readonly configDigest: string;
  readonly layers: { descriptor: { mediaType: string; digest: string; size: number }; diffId: string }[];
  readonly chain: readonly string[];
}

/** One file of a layer; without a type it is a file, with a link target and no type a symbolic link. */
export type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

export async function layerOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) {
    const type = header.type ?? (header.linkname === undefined ? 'file' : 'symlink');
    archive.entry({ mtime: new Date(1e12), mode: type === 'directory' ? 0o755 : 0o644, ...header, type }, content);
  }
  archive.finalize();
  return buffer(archive as unknown as AsyncIterable<Buffer>);
}

/** A daemon with failpoints, and clients of it. */
export class UnpackWorld implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly #directory: string;
  readonly #mounts: TemporaryMounts;
  #client: Client;

  private constructor(daemon: Daemon, directory: string, mounts: TemporaryMounts) {
    this.daemon = daemon;
    this.#directory = directory;
    this.#mounts = mounts;
    this.#client = connect({ address: daemon.address });
  }

  /** @param options where the root lies, if not in the daemon's own folder */
  static async start(options: { readonly root?: string } = {}): Promise<UnpackWorld> {
    const settings = { env: { GANTRY_FAILPOINTS: '' }, config: collectWhenAsked, ...options };
    const daemon = await Daemon.start('gantryd', settings);
    const directory = await mkdtemp(join(tmpdir(), 'gu-'));
    return new UnpackWorld(daemon, directory, await TemporaryMounts.open({ sys }, { directory }));
  }

  client(namespace: string): Client {
    return this.#client.with({ namespace });
  }

  /** Starts the daemon again after it has died. */
  async restart(): Promise<void> {
    this.#client.close();
    await this.daemon.start();
    this.#client = connect({ address: this.daemon.address });
  }

  /** Stores an image of those uncompressed layers, bottom first. */
  async put(namespace: string, archives: readonly Buffer[]): Promise<TestImage> {
    const client = this.client(namespace);
    return withLease(client, {}, async (leased) => {
      const layers: TestImage['layers'] = [];
      for (const archive of archives) {
        const descriptor = { mediaType, ...(await this.#store(leased, gzipSync(archive, { level: 1 }))) };
        layers.push({ descriptor, diffId: sha256Of(archive) });
      }
      const diffIds = layers.map(({ diffId }) => diffId);
      const config = await this.#store(leased, Buffer.from(JSON.stringify({ rootfs: { diff_ids: diffIds } })));
      return { snapshotter, configDigest: config.digest, layers, chain: chainIds(diffIds) };
    });
  }

  /** Unpacks in the daemon; returns the layers that this call had begun. */
  async unpack(namespace: string, image: TestImage, options: CallOptions = {}): Promise<number[]> {
    const { configDigest, layers } = image;
    const begun: number[] = [];
    const request = { snapshotter, configDigest, layers };
    const progress = this.client(namespace).service('gantry.unpack.v1.Unpack').Unpack(request, options);
    for await (const { layer } of progress) begun.push(layer);
    return begun;
  }

  /** Unpacks with containerd's services, one layer on top of the other. */
  async unpackInOrder(namespace: string, { layers, chain }: TestImage): Promise<void> {
    const client = this.client(namespace);
    const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
    for (const [n, { descriptor }] of layers.entries()) {
      const key = `in-order-${n}`;
      const { mounts } = await snapshots.Prepare({ snapshotter, key, parent: chain[n - 1] ?? '', labels: rooted });
      await client.service('containerd.services.diff.v1.Diff').Apply({ diff: descriptor, mounts });
      await snapshots.Commit({ snapshotter, key, name: chain[n] ?? '', labels: rooted });
    }
  }

  /** The tree of a committed snapshot, as a container would see it. */
  async tree(namespace: string, name: string): Promise<Record<string, TreeEntry>> {
    const snapshots = this.client(namespace).service('containerd.services.snapshots.v1.Snapshots');
    const { mounts } = await snapshots.View({ snapshotter, key: 'look', parent: name });
    try {
      return await this.#mounts.with(mounts, (root) => treeOf(root, { times: true, xattrs: true }));
    } finally {
      await snapshots.Remove({ snapshotter, key: 'look' });
    }
  }

  /** All snapshots of a namespace by name, with their kinds. */
  async snapshots(namespace: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const service = this.client(namespace).service('containerd.services.snapshots.v1.Snapshots');
    for await (const { info } of service.List({ snapshotter }))
      for (const { name, kind } of info) found.set(name, kind);
    return found;
  }

  async leases(namespace: string): Promise<string[]> {
    const { leases } = await this.client(namespace).service('containerd.services.leases.v1.Leases').List({});
    return leases.map(({ id }) => id);
  }

  async labels(namespace: string, digest: string): Promise<Record<string, string>> {
    const content = this.client(namespace).service('containerd.services.content.v1.Content');
    return (await content.Info({ digest })).info?.labels ?? {};
  }

  async collectGarbage(namespace: string): Promise<void> {
    const leases = this.client(namespace).service('containerd.services.leases.v1.Leases');
    await leases.Create({ id: 'collect-garbage' });
    await leases.Delete({ id: 'collect-garbage', sync: true });
  }

  async setFailpoint(name: string, terms: string): Promise<void> {
    await this.#client.service('gantry.debug.v1.Failpoints').Set({ name, terms });
  }

  /** How often a failpoint has been passed since the daemon started. */
  async passes(name: string): Promise<number> {
    const { failpoints } = await this.#client.service('gantry.debug.v1.Failpoints').List({});
    return failpoints.find((point) => point.name === name)?.passes ?? 0;
  }

  async findings(): Promise<string[]> {
    const { findings } = await this.#client.service('gantry.doctor.v1.Doctor').Check({ verify: true });
    return findings.map(({ kind, what }) => `${kind}: ${what}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.daemon.close();
    await rm(this.#directory, { recursive: true });
  }

  async #store(client: Client, bytes: Buffer): Promise<{ digest: string; size: number }> {
    const digest = sha256Of(bytes);
    await writeBlob(client, [bytes], { sizeBytes: bytes.length, digest });
    const info = { digest, labels: rooted };
    const content = client.service('containerd.services.content.v1.Content');
    await content.Update({ info, updateMask: { paths: ['labels.containerd.io/gc.root'] } });
    return { digest, size: bytes.length };
  }
}
