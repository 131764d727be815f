import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { alreadyExists, GantryError, invalidArgument, messageOf, notFound, wrap } from '../../base/errors.ts';
import { mapField, parseFilters } from '../../base/filter.ts';
import type { Logger } from '../../base/logger.ts';
import { KeyedMutex } from '../../base/mutex.ts';
import { UndoStack } from '../../base/undo.ts';
import type { ActivateRequest } from '../../proto/gen/api/services/mounts/v1/mounts.ts';
import type { ActivationInfo, ActiveMount, Mount } from '../../proto/gen/api/types/mount.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { Database } from '../metadata/database.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { type ActivationRecord, activationTable } from '../metadata/schema.ts';
import { nextInSequence } from '../metadata/sequences.ts';
import { transform, transformsOf } from '../mounts/transform.ts';

/** A process that looked in for a moment, an indexer or a monitor, must not make the work fail. */
const busyTimeoutMs = 5_000;

/** What mounting needs of the kernel. */
export interface MountsSys {
  mountAll(mounts: readonly Mount[], root: string): Promise<void>;
  unmountRecursive(target: string, options: { readonly busyTimeoutMs: number }): Promise<void>;
  mountInfo(): Promise<readonly { readonly target: string }[]>;
}

export interface MountsDeps {
  readonly database: Database;
  readonly sys: MountsSys;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface MountsOptions {
  /** Gets a directory `<id>/<n>` for every mount that is made. */
  readonly targets: string;
  /** Directories below which a mount may ask for files to be made. */
  readonly roots: readonly string[];
}

/**
 * The rules of containerd.services.mounts.v1: mounts that have to be made on the host before others can be. Of a list,
 * everything before the last mount that needs preparing is mounted here; that one, prepared, and those after it are left
 * to the caller. An activation has a name and lives until it is deactivated or garbage, also across restarts of the
 * daemon.
 */
export class MountsService {
  readonly #deps: MountsDeps;
  readonly #options: MountsOptions;
  readonly #names = new KeyedMutex();
  /** By id of the activation: a collection may come upon what is just being deactivated. */
  readonly #unmounting = new KeyedMutex();
  #hasLeftovers = false;

  private constructor(deps: MountsDeps, options: MountsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Drops activations whose mounts are gone, as after a reboot, and unmounts what belongs to none. */
  static async open(deps: MountsDeps, options: MountsOptions): Promise<MountsService> {
    await mkdir(options.targets, { recursive: true, mode: 0o700 });
    const service = new MountsService(deps, options);
    await service.#synchronize();
    return service;
  }

  /**
   * @throws GantryError unimplemented if none of the mounts needs preparing: the caller then mounts them as they are;
   *   already-exists for a name that is taken
   */
  async activate(ctx: Context, request: ActivateRequest): Promise<ActivationInfo> {
    const { name, mounts, labels, temporary } = request;
    if (name === '') throw invalidArgument('mount name is required');
    validateLabels(labels, 'mount.Labels');
    const made = temporary ? mounts.length : mounts.findLastIndex(({ type }) => transformsOf(type).steps.length > 0);
    if (made < 0 || mounts.length === 0) throw new GantryError('unimplemented', `mount "${name}": nothing to prepare`);
    return this.#names.run(`${ctx.namespace}/${name}`, async () => {
      const record = await this.#reserve(ctx, name, labels);
      const undo = new UndoStack();
      undo.push(`forget mount "${name}"`, () => this.#forget(ctx.namespace, name));
      try {
        undo.push(`unmount mount "${name}"`, () => this.#unmount(record.id));
        const active = await this.#mount(ctx, record.id, mounts.slice(0, made));
        const system = await this.#prepare(ctx, mounts.slice(made), active);
        const done = { ...record, updatedAt: this.#now(), active, system };
        await this.#deps.database.update((tx) => tx.put(activationTable, [ctx.namespace, name], done));
        return toInfo(name, done);
      } catch (error) {
        throw await undo.run(error);
      }
    });
  }

  /** Forgets the activation and unmounts it; what cannot be unmounted now is when mounts are next collected. */
  deactivate(ctx: Context, name: string): Promise<void> {
    return this.#names.run(`${ctx.namespace}/${name}`, async () => {
      const { id } = await this.#require(ctx, name);
      await this.#forget(ctx.namespace, name);
      await this.#unmount(id);
    });
  }

  /** True if an activation is forgotten whose mounts could not be taken away. */
  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  /** Unmounts what belongs to no activation: of an earlier daemon, or whose record was collected. */
  async unmountUnknown(): Promise<void> {
    this.#hasLeftovers = false;
    // Before the records are read: an activation has its record before it has a directory.
    const ids = await readdir(this.#options.targets);
    const known = new Set<string>();
    for await (const { value } of this.#deps.database.list(activationTable, [])) known.add(String(value.id));
    for (const id of ids.filter((each) => !known.has(each))) {
      await this.#unmount(Number(id)).catch((error: unknown) => {
        this.#hasLeftovers = true;
        this.#deps.log.warn({ id, error: messageOf(error) }, 'could not remove mounts of an earlier activation');
      });
    }
  }

  async info(ctx: Context, name: string): Promise<ActivationInfo> {
    return toInfo(name, await this.#require(ctx, name));
  }

  /** Activations that match any of the filters (`name`, `labels.KEY`), in the order of their names. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<ActivationInfo> {
    const matches = parseFilters(filters);
    return this.#matching(ctx, ({ name, labels }) =>
      matches(([field, ...rest]) => {
        if (field === 'name') return name;
        return field === 'labels' ? mapField(labels, rest) : undefined;
      }),
    );
  }

  async *#matching(ctx: Context, matches: (info: ActivationInfo) => boolean): AsyncGenerator<ActivationInfo> {
    for await (const { key, value } of this.#deps.database.list(activationTable, [ctx.namespace])) {
      const info = toInfo(key[1] as string, value);
      if (matches(info)) yield info;
    }
  }

  async #require(ctx: Context, name: string): Promise<ActivationRecord> {
    const record = await this.#deps.database.get(activationTable, [ctx.namespace, name]);
    if (record === undefined) throw notFound(`mount "${name}"`);
    return record;
  }

  /** Notes the activation before anything is mounted, so that a crash leaves nothing that nobody knows of. */
  async #reserve(ctx: Context, name: string, labels: Readonly<Record<string, string>>): Promise<ActivationRecord> {
    const now = this.#now();
    return this.#deps.database.update(async (tx) => {
      if (await tx.has(activationTable, [ctx.namespace, name])) throw alreadyExists(`mount "${name}"`);
      const id = await nextInSequence(tx, 'mounts');
      const lease = ctx.leaseId === undefined ? {} : { leaseId: ctx.leaseId };
      const record = { id, labels: storedLabels(labels), createdAt: now, updatedAt: now, ...lease };
      tx.put(activationTable, [ctx.namespace, name], record);
      return record;
    });
  }

  async #mount(ctx: Context, id: number, mounts: readonly Mount[]): Promise<ActiveMount[]> {
    const active: ActiveMount[] = [];
    await mkdir(join(this.#options.targets, String(id)), { mode: 0o700 });
    for (const [index, each] of mounts.entries()) {
      const mount = await transform(each, active, { roots: this.#roots, signal: ctx.signal });
      const mountPoint = join(this.#options.targets, String(id), String(index + 1));
      await mkdir(mountPoint, { mode: 0o700 });
      await this.#deps.sys.mountAll([mount], mountPoint).catch((error: unknown) => {
        throw wrap(error, `mount failed ${mount.type} ${mount.source}`);
      });
      active.push({ mount, mountedAt: this.#now(), mountPoint, data: {} });
    }
    return active;
  }

  /** What is left to the caller: if everything is mounted, a bind mount of the last. */
  async #prepare(ctx: Context, mounts: readonly Mount[], active: readonly ActiveMount[]): Promise<Mount[]> {
    const [first, ...rest] = mounts;
    if (first !== undefined) {
      return [await transform(first, active, { roots: this.#roots, signal: ctx.signal }), ...rest];
    }
    return [{ type: 'bind', source: active.at(-1)?.mountPoint ?? '', target: '', options: ['rbind'] }];
  }

  async #forget(namespace: string, name: string): Promise<void> {
    await this.#deps.database.update((tx) => tx.delete(activationTable, [namespace, name]));
  }

  /** Last mounted first, for later mounts may stand on earlier ones. */
  #unmount(id: number): Promise<void> {
    return this.#unmounting.run(String(id), async () => {
      const directory = join(this.#options.targets, String(id));
      const names = await readdir(directory).catch(() => []);
      for (const name of names.sort((a, b) => Number(b) - Number(a))) {
        await this.#deps.sys.unmountRecursive(join(directory, name), { busyTimeoutMs });
      }
      await rm(directory, { recursive: true, force: true });
    });
  }

  async #synchronize(): Promise<void> {
    const mounted = new Set((await this.#deps.sys.mountInfo()).map(({ target }) => target));
    for await (const { key, value } of this.#deps.database.list(activationTable, [])) {
      const [namespace = '', name = ''] = key;
      const isWhole = value.active?.every(({ mountPoint }) => mounted.has(mountPoint)) ?? false;
      if (!isWhole) await this.#forget(namespace, name);
    }
    await this.unmountUnknown();
  }

  get #roots(): readonly string[] {
    return [this.#options.targets, ...this.#options.roots];
  }

  #now() {
    return timestampFromNs(this.#deps.clock.now());
  }
}

function toInfo(name: string, { active = [], system = [], labels }: ActivationRecord): ActivationInfo {
  return { name, active: [...active], system: [...system], labels: { ...labels } };
}
