import { sha256Of } from '../../base/digest.ts';
import { isKind } from '../../base/errors.ts';
import type { Context } from '../../daemon/context.ts';
import { type GcWorld, snapshotterName } from './gc-world.ts';
import type { Random } from './random.ts';

/** What one client does, a step per `next`. Ending it early is the client's vanishing: its lease stays. */
export type Actor = AsyncGenerator<void, void>;

const refToContent = 'containerd.io/gc.ref.content';
const refToSnapshot = `containerd.io/gc.ref.snapshot.${snapshotterName}`;

/** The clients of a world, all of whose choices come from one sequence of random numbers. */
export class GcActors {
  readonly #world: GcWorld;
  readonly #random: Random;
  #count = 0;

  constructor(world: GcWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** What a pull does: lease, blobs from the leaves up, labels, snapshots, image; then the lease goes. */
  async *pull(namespace: string, image: string): Actor {
    const world = this.#world;
    const plain = world.context(namespace);
    const lease = this.#unique('lease');
    await world.leases.create(plain, lease, {});
    const ctx = world.context(namespace, lease);
    yield;
    // Of few layers, so that images share them, in this namespace and with the other one.
    const layers = Array.from({ length: 1 + this.#random.below(2) }, () => `layer-${this.#random.below(4)}`);
    const chain = layers.map((_, index) => `chain ${layers.slice(0, index + 1).join('+')}`);
    const top = chain.at(-1) as string;
    for (const text of [...layers, `config of ${top}`]) yield* this.#upload(ctx, text);
    const labels: Record<string, string> = { [`${refToContent}.config`]: sha256Of(`config of ${top}`) };
    for (const [index, layer] of layers.entries()) labels[`${refToContent}.l.${index}`] = sha256Of(layer);
    yield* this.#upload(ctx, `manifest of ${top}`);
    await world.label(ctx, sha256Of(`manifest of ${top}`), labels);
    yield;
    for (const [index, name] of chain.entries()) yield* this.#unpack(ctx, name, chain[index - 1] ?? '');
    await world.label(ctx, sha256Of(`config of ${top}`), { [refToSnapshot]: top });
    yield;
    await ignoring('already-exists', () => world.createImage(plain, image, sha256Of(`manifest of ${top}`)));
    yield;
    if (this.#random.below(3) === 0) yield* this.#run(ctx, top);
    await world.leases.delete(plain, lease);
  }

  /** Deletes images and containers of a namespace, now and then. */
  async *remove(namespace: string): Actor {
    const world = this.#world;
    const ctx = world.context(namespace);
    for (let round = 1 + this.#random.below(3); round > 0; round -= 1) {
      for (let wait = this.#random.below(12); wait > 0; wait -= 1) yield;
      const images = await world.imageNames(namespace);
      const containers = await world.containerIds(namespace);
      if (images.length > 0) {
        await ignoring('not-found', () => world.images.delete(ctx, this.#random.pick(images)));
      } else if (containers.length > 0) {
        await ignoring('not-found', () => world.containers.delete(ctx, this.#random.pick(containers)));
      }
      yield;
    }
  }

  async *#upload(ctx: Context, text: string): Actor {
    const digest = sha256Of(text);
    const options = { ref: `blob-${digest}`, expected: digest };
    for (;;) {
      try {
        await using writer = await this.#world.content.writer(ctx, options);
        yield;
        if (writer.status().offset < text.length) {
          await writer.write(Buffer.from(text).subarray(writer.status().offset));
          yield;
        }
        await writer.commit({ expected: digest });
        yield;
        return;
      } catch (error) {
        if (isKind(error, 'already-exists')) return;
        // Another client writes it: that one's end is waited for.
        if (!isKind(error, 'unavailable')) throw error;
      }
      yield;
    }
  }

  async *#unpack(ctx: Context, name: string, parent: string): Actor {
    const { snapshots } = this.#world;
    const key = this.#unique('extract');
    try {
      await snapshots.prepare(ctx, key, parent, { labels: { 'containerd.io/snapshot.ref': name } });
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
      return;
    }
    yield;
    try {
      await snapshots.commit(ctx, name, key);
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
      await snapshots.remove(ctx, key);
    }
    yield;
  }

  async *#run(ctx: Context, parent: string): Actor {
    const id = this.#unique('box');
    await this.#world.snapshots.prepare(ctx, id, parent);
    yield;
    await this.#world.containers.create(ctx, {
      ...{ id, image: '', labels: {}, createdAt: null, updatedAt: null, extensions: {}, sandbox: '' },
      ...{ snapshotter: snapshotterName, snapshotKey: id },
      runtime: { name: 'io.containerd.runc.v2', options: null },
      spec: { typeUrl: 'spec', value: Buffer.from('{}') },
    });
    yield;
  }

  #unique(what: string): string {
    this.#count += 1;
    return `${what}-${this.#count}`;
  }
}

async function ignoring(kind: Parameters<typeof isKind>[1], action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isKind(error, kind)) throw error;
  }
}
