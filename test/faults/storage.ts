import { createReadStream, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../base/digest.ts';
import { type Client, connect } from '../../client/client.ts';
import { resolveImage } from '../../client/image/resolve.ts';
import { findImage } from '../../client/image/store.ts';
import { unpackImage } from '../../client/image/unpack.ts';
import { importImages } from '../../client/import/import.ts';
import { busyboxImage, busyboxImageName, writeArchive } from '../../scripts/busybox-image.ts';
import { Daemon } from '../helpers/daemon.ts';
import { type ObserveOptions, observe, type Sight } from './observe.ts';
import { snapshotter, World } from './world.ts';

/** Enabled, with none set. */
const env = { GANTRY_FAILPOINTS: '' };

/** A daemon that can be made to crash, with an image in it that no crash may touch. */
export class Storage implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly #options: ObserveOptions;
  #client: Client;
  #worlds = 0;
  #anchor: Sight = [];

  private constructor(daemon: Daemon, options: ObserveOptions) {
    this.daemon = daemon;
    this.#options = options;
    this.#client = connect({ address: daemon.address });
  }

  /** @param options where the root lies, if not in the daemon's own folder, and what of it counts */
  static async start(options: ObserveOptions & { readonly root?: string }): Promise<Storage> {
    const { root } = options;
    const daemon = await Daemon.start('gantryd', { env, ...(root === undefined ? {} : { root }) });
    const storage = new Storage(daemon, options);
    try {
      await storage.#importImage();
      // The index of the archive belongs to no image, and goes whenever garbage is collected.
      await storage.collectGarbage();
      storage.#anchor = await storage.observe(new World(storage.#client, 'anchor'));
    } catch (error) {
      await storage.close();
      throw error;
    }
    return storage;
  }

  newWorld(): World {
    this.#worlds += 1;
    // Of one length, so that blobs are of one size.
    return new World(this.#client, `w${String(this.#worlds).padStart(4, '0')}`);
  }

  /** Starts the daemon again after it has died; returns the world as it is reached then. */
  async restart(world: World): Promise<World> {
    this.#client.close();
    await this.daemon.start();
    this.#client = connect({ address: this.daemon.address });
    return new World(this.#client, world.namespace);
  }

  /** Takes away what does not outlive a reboot. */
  forgetState(): void {
    rmSync(this.daemon.state, { recursive: true, force: true });
  }

  async setFailpoint(name: string, terms: string): Promise<void> {
    await this.#client.service('gantry.debug.v1.Failpoints').Set({ name, terms });
  }

  /** How often each failpoint has been passed since the daemon started. */
  async passes(): Promise<ReadonlyMap<string, number>> {
    const { failpoints } = await this.#client.service('gantry.debug.v1.Failpoints').List({});
    return new Map(failpoints.map(({ name, passes }) => [name, passes]));
  }

  observe(world: World): Promise<Sight> {
    return observe(world, this.#options);
  }

  /** Collects garbage and waits for it. */
  async collectGarbage(): Promise<void> {
    const leases = this.#client.with({ namespace: 'anchor' }).service('containerd.services.leases.v1.Leases');
    const { lease } = await leases.Create({});
    await leases.Delete({ id: lease?.id ?? '', sync: true });
  }

  /** Whatever is not as it should be: what the doctor finds, what lies on disk for nobody, what the crash took along. */
  async findings(): Promise<string[]> {
    const { findings } = await this.#client.service('gantry.doctor.v1.Doctor').Check({ verify: true });
    const anchor = await this.observe(new World(this.#client, 'anchor'));
    const lost = this.#anchor.filter((line) => !anchor.includes(line)).map((line) => `lost: ${line}`);
    return [...findings.map(({ kind, what }) => `${kind}: ${what}`), ...(await this.#strays()), ...lost];
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.daemon.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #importImage(): Promise<void> {
    const client = this.#client.with({ namespace: 'anchor' });
    const archive = join(this.daemon.folder, 'image.tar');
    await writeArchive(archive, await busyboxImage());
    await importImages(client, createReadStream(archive));
    const { target } = await findImage(client, busyboxImageName);
    await unpackImage(client, await resolveImage(client, target), { snapshotter });
  }

  /** Compares disk and records without the doctor, whose own eyes are not to be trusted here. */
  async #strays(): Promise<string[]> {
    const content = join(this.daemon.root, 'io.containerd.content.v1.content');
    const known = await this.#everywhere();
    const strays: string[] = [];
    for (const hex of readdirSync(join(content, 'blobs/sha256'))) {
      const path = join(content, 'blobs/sha256', hex);
      if (sha256Of(readFileSync(path)) !== `sha256:${hex}`) strays.push(`${path} has other bytes than its name says`);
      if (!known.blobs.has(`sha256:${hex}`)) strays.push(`${path} is in no namespace`);
    }
    const ingests = readdirSync(join(content, 'ingest'));
    if (ingests.length !== known.ingests) strays.push(`${ingests.length} ingests on disk, ${known.ingests} known`);
    const layers = join(this.daemon.root, `io.containerd.snapshotter.v1.${snapshotter}`, 'snapshots');
    // What is set aside is being deleted.
    const directories = readdirSync(layers).filter((name) => !name.startsWith('.'));
    if (directories.length !== known.snapshots) {
      strays.push(`${directories.length} layers on disk, ${known.snapshots} known`);
    }
    return strays;
  }

  async #everywhere(): Promise<{ blobs: Set<string>; ingests: number; snapshots: number }> {
    const found = { blobs: new Set<string>(), ingests: 0, snapshots: 0 };
    const { namespaces } = await this.#client.service('containerd.services.namespaces.v1.Namespaces').List({});
    for (const { name } of namespaces) {
      const client = this.#client.with({ namespace: name });
      const content = client.service('containerd.services.content.v1.Content');
      for await (const { info } of content.List({})) for (const { digest } of info) found.blobs.add(digest);
      found.ingests += (await content.ListStatuses({})).statuses.length;
      const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
      for await (const { info } of snapshots.List({ snapshotter })) found.snapshots += info.length;
    }
    return found;
  }
}
