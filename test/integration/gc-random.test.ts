import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Actor, GcActors } from '../helpers/gc-actors.ts';
import { audit } from '../helpers/gc-audit.ts';
import { GcWorld } from '../helpers/gc-world.ts';
import { all } from '../helpers/metadata-fixture.ts';
import { Random } from '../helpers/random.ts';

const interleavings = 1_000;
/** Of the first interleaving; the others count on from it. A failure names the one to set, to see it at once. */
const firstSeed = Number(process.env['GANTRY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const namespaces = ['a', 'b'];
const lanes = 4;
const runsPerWorld = 25;
/** Half a minute is what it takes on an idle machine. */
const deadlineMs = 300_000;

/** Memory, where there is some: what is asked here is order, and a disk's syncs would only take time. */
const folder = existsSync('/dev/shm') ? '/dev/shm' : undefined;

/** A collection that goes on only when told. */
class Stepped {
  readonly #run: Promise<void>;
  #paused = Promise.withResolvers<void>();
  #resume = Promise.withResolvers<void>();
  isDone = false;

  constructor(collect: (pause: () => Promise<void>) => Promise<void>) {
    this.#run = collect(() => this.#pause()).finally(() => {
      this.isDone = true;
    });
    this.#run.catch(() => undefined);
  }

  /** Runs to the next pause or to the end, and fails if the collection does. */
  async step(): Promise<void> {
    await Promise.race([this.#paused.promise, this.#run]);
    if (this.isDone) return this.#run;
    this.#paused = Promise.withResolvers();
    const { resolve } = this.#resume;
    this.#resume = Promise.withResolvers();
    resolve();
    await Promise.race([this.#paused.promise, this.#run]);
  }

  async finish(): Promise<void> {
    while (!this.isDone) await this.step();
  }

  #pause(): Promise<void> {
    const { promise } = this.#resume;
    this.#paused.resolve();
    return promise;
  }
}

/** A world of its own in which one interleaving runs after another. */
class Lane implements AsyncDisposable {
  readonly #world: GcWorld;
  /** What a collection under way does at its pauses; one that is not stepped goes on. */
  #pause: () => Promise<void>;

  private constructor(world: GcWorld, pause: { do: () => Promise<void> }) {
    this.#world = world;
    this.#pause = pause.do;
    pause.do = () => this.#pause();
  }

  static async open(): Promise<Lane> {
    const pause: { do: () => Promise<void> } = { do: async () => undefined };
    return new Lane(await GcWorld.open({ pause: () => pause.do(), sliceSize: 2 }, folder), pause);
  }

  /** Runs one interleaving and cleans up after it. */
  async run(seed: number): Promise<void> {
    const world = this.#world;
    const random = new Random(seed);
    const clients = new GcActors(world, random);
    const pulls = random.below(4) === 0 ? 3 : 2;
    const actors = Array.from({ length: pulls }, (_, n) => clients.pull(random.pick(namespaces), `image-${n}`));
    actors.push(clients.remove(random.pick(namespaces)));
    try {
      await this.#interleave(random, actors);
    } finally {
      // Lets go of what a failure left open.
      for (const actor of actors) await actor.return();
    }
    const namespace = random.pick(namespaces);
    const [image] = await world.imageNames(namespace);
    if (image === undefined) await world.collect();
    else await world.images.delete(world.context(namespace), image, { sync: true });
    expect(await audit(world)).toEqual({ dangling: [], unreferenced: [] });
    await this.#dropAll();
    await world.collect();
    expect(await audit(world)).toEqual({ dangling: [], unreferenced: [] });
    expect(await all(world.store.digests())).toEqual([]);
    expect(await all(world.backend.walk())).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }

  /** Steps of clients and of collections in an order that only the random numbers decide. */
  async #interleave(random: Random, actors: readonly Actor[]): Promise<void> {
    const world = this.#world;
    let collection: Stepped | undefined;
    const live = [...actors];
    while (live.length > 0) {
      if (collection?.isDone) collection = undefined;
      // A daemon that has just started knows nothing of what was deleted before.
      if (collection === undefined && random.below(50) === 0) world.forget();
      if (random.below(3) === 0) {
        collection ??= this.#startCollection();
        await collection.step();
        // Looking takes longer than a step.
        if (collection.isDone || random.below(24) === 0) expect((await audit(world)).dangling).toEqual([]);
        continue;
      }
      const actor = random.pick(live);
      const vanishes = random.below(150) === 0;
      const { done } = await (vanishes ? actor.return() : actor.next());
      if (done) live.splice(live.indexOf(actor), 1);
    }
    await collection?.finish();
    expect((await audit(world)).dangling).toEqual([]);
  }

  #startCollection(): Stepped {
    return new Stepped((pause) => {
      this.#pause = pause;
      return this.#world.collect().finally(() => {
        this.#pause = async () => undefined;
      });
    });
  }

  /** Deletes, in each namespace, what keeps things alive. */
  async #dropAll(): Promise<void> {
    const world = this.#world;
    for (const namespace of namespaces) {
      const ctx = world.context(namespace);
      for (const id of await world.containerIds(namespace)) await world.containers.delete(ctx, id);
      for (const name of await world.imageNames(namespace)) await world.images.delete(ctx, name);
      for (const { id } of await all(world.leases.list(ctx, []))) await world.leases.delete(ctx, id);
    }
  }
}

test(`${interleavings} interleavings of pulls, deletions and collections lose nothing and leave nothing`, {
  timeout: deadlineMs,
}, async () => {
  console.info(`GANTRY_SEED=${firstSeed}`);
  const seeds = Array.from({ length: interleavings }, (_, index) => firstSeed + index).values();
  // In a few worlds at once, for most of the time goes by waiting for the file system.
  const runLane = async () => {
    for (let left = seeds.next(); !left.done; left = seeds.next()) {
      // A fresh world now and then: the records that a database has deleted still slow it down.
      await using lane = await Lane.open();
      for (let run = 1; !left.done; run += 1, left = seeds.next()) {
        const seed: number = left.value;
        await lane.run(seed).catch((error: unknown) => {
          throw new Error(`with GANTRY_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          });
        });
        if (run === runsPerWorld) break;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, runLane));
  const failures = ended.filter((end) => end.status === 'rejected').map(({ reason }) => reason as Error);
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
});
