import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { notFound } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Context } from '../../daemon/context.ts';
import { EventExchange } from '../../daemon/events/exchange.ts';
import { ShimEvents } from '../../daemon/events/shim-events.ts';
import { Bundles } from '../../daemon/runtime/bundle.ts';
import { CgroupMigrations } from '../../daemon/runtime/cgroup-migrations.ts';
import { ShimBinaries } from '../../daemon/runtime/shim-binary.ts';
import type { ShimSurroundings } from '../../daemon/runtime/shim-command.ts';
import { ShimLauncher } from '../../daemon/runtime/shim-launcher.ts';
import { TaskManager } from '../../daemon/runtime/task-manager.ts';
import { defaultTimeouts, type Timeouts } from '../../daemon/runtime/timeouts.ts';
import type { TaskContainer } from '../../daemon/services/task-creation.ts';
import { TasksService } from '../../daemon/services/tasks.ts';
import { sys } from '../../native/sys.ts';
import { JSON_TYPES, packJson, unpackKnown } from '../../proto/any.ts';
import { empty, type Init, type Messages } from '../../proto/codec.ts';
import { removeNamespaceFolders } from '../helpers/leak-guard.ts';
import { buildFolder, shortTempFolder } from '../helpers/paths.ts';

/** Debian's shim, the measure of the contract, and ours. */
export const debianShim = '/usr/bin/containerd-shim-runc-v2';
export const ourShim = join(buildFolder, 'containerd-shim-gantry-v1');
export const shims = [debianShim, ourShim].filter((path) => existsSync(path));

export const runtimeName = 'io.containerd.runc.v2';

type Tasks = 'containerd.services.tasks.v1';

/** One event as a subscriber sees it. */
export interface SeenEvent {
  readonly topic: string;
  readonly event: Record<string, unknown>;
}

/** The daemon's own parts for tasks, on paths of their own: everything between the Tasks service and the shim is real. */
export class TaskWorld implements AsyncDisposable {
  readonly namespace = `gt${randomHex(4)}`;
  readonly folder = shortTempFolder();
  readonly #shimPath: string;
  readonly #timeouts: Timeouts;
  readonly #containers = new Map<string, TaskContainer>();
  /** Every event since the world was made, over all lives. */
  readonly events: SeenEvent[] = [];
  manager!: TaskManager;
  service!: TasksService;
  /** Whether another shim takes over what a killed one leaves, from the next `start` on. */
  adopt = false;
  #shimEvents: ShimEvents | undefined;
  #subscription = new AbortController();

  private constructor(shimPath: string, timeouts: Partial<Timeouts>) {
    this.#shimPath = shimPath;
    this.#timeouts = { ...defaultTimeouts, resendMs: 2_000, ...timeouts };
  }

  static async open(shimPath: string, timeouts: Partial<Timeouts> = {}): Promise<TaskWorld> {
    const world = new TaskWorld(shimPath, timeouts);
    makeRootfs(join(world.folder, 'rootfs'));
    for (const name of ['s', 'state', 'root']) mkdirSync(join(world.folder, name), { mode: 0o711 });
    await world.start();
    return world;
  }

  get ctx(): Context {
    return { namespace: this.namespace, signal: AbortSignal.timeout(60_000) };
  }

  /** A new life over the same directories. */
  async start(): Promise<void> {
    const log = silentLogger;
    const exchange = new EventExchange({ clock: systemClock, log });
    this.#subscription = new AbortController();
    void this.#collect(exchange.subscribe([], this.#subscription.signal));
    this.manager = new TaskManager(
      {
        bundles: new Bundles({ sys, log }, { state: join(this.folder, 'state'), root: join(this.folder, 'root') }),
        binaries: new ShimBinaries({ runtimes: { [runtimeName]: this.#shimPath }, executable: process.execPath }),
        launcher: new ShimLauncher({ log }, { surroundings: this.#surroundings(), timeouts: this.#timeouts }),
        migrations: new CgroupMigrations({ sys, log }),
        events: exchange,
        forward: (envelope) => exchange.forward(envelope),
        sandboxShimOf: async () => undefined,
        runtimeOf: async (_namespace, id) => this.#containers.get(id)?.runtime?.name,
        sys,
        clock: systemClock,
        log,
      },
      { timeouts: this.#timeouts, adopt: this.adopt },
    );
    await this.manager.recover();
    this.service = new TasksService({
      containers: { get: async (_ctx, id) => this.#container(id) },
      manager: this.manager,
      checkpoints: { store: refuseCheckpoints, unpack: refuseCheckpoints },
      clock: systemClock,
      log,
    });
    this.#shimEvents = new ShimEvents(
      { sys, log, receive: (envelope) => this.manager.observe(envelope) },
      { address: this.#surroundings().ttrpcAddress, uid: 0, gid: 0 },
    );
    await this.#shimEvents.listen();
    this.manager.announceRecovered();
  }

  /** The end of this life; shims and containers go on. */
  async stop(): Promise<void> {
    await this.#shimEvents?.[Symbol.asyncDispose]();
    await this.manager[Symbol.asyncDispose]();
    this.#subscription.abort();
  }

  /** The metadata of a container that runs a shell command. */
  addContainer(id: string, script: string, more: { args?: string[]; annotations?: object } = {}): void {
    const spec = packJson(JSON_TYPES.spec, {
      ...specOf(`/${this.namespace}/${id}`, more.args ?? ['/bin/sh', '-c', script]),
      annotations: more.annotations,
    });
    this.#containers.set(id, { id, spec, runtime: { name: runtimeName, options: null } });
  }

  /** Changes what is known of a container. */
  alterContainer(id: string, change: Partial<TaskContainer>): void {
    this.#containers.set(id, { ...this.#container(id), ...change });
  }

  /** Adds a container and creates its task. */
  async create(id: string, script: string, more: Init<Messages[`${Tasks}.CreateTaskRequest`]> = {}): Promise<number> {
    this.addContainer(id, script);
    const { pid } = await this.service.create(
      this.ctx,
      this.request('CreateTaskRequest', { containerId: id, ...more }),
    );
    return pid;
  }

  /** Creates a task and starts it. */
  async run(id: string, script: string): Promise<number> {
    const pid = await this.create(id, script);
    await this.service.start(this.ctx, this.request('StartRequest', { containerId: id }));
    return pid;
  }

  /** A request with every field; a task is created with the shared rootfs. */
  request<Name extends string>(
    name: `${Tasks}.${Name}` extends keyof Messages ? Name : never,
    fields: object,
  ): Messages[`${Tasks}.${Name}` & keyof Messages] {
    const full = `containerd.services.tasks.v1.${name}` as `${Tasks}.${Name}` & keyof Messages;
    const rootfs = [{ type: 'bind', source: join(this.folder, 'rootfs'), target: '', options: ['rbind', 'ro'] }];
    return {
      ...(empty(full) as object),
      ...(name === 'CreateTaskRequest' ? { rootfs } : {}),
      ...fields,
    } as Messages[`${Tasks}.${Name}` & keyof Messages];
  }

  async status(id: string): Promise<string> {
    const { process } = await this.service.get(this.ctx, this.request('GetRequest', { containerId: id }));
    return process.status;
  }

  async kill(id: string, execId = '', signal = 9): Promise<void> {
    await this.service.kill(this.ctx, this.request('KillRequest', { containerId: id, execId, signal }));
  }

  async wait(id: string, execId = ''): Promise<number> {
    const exit = await this.service.wait(this.ctx, this.request('WaitRequest', { containerId: id, execId }));
    return exit.exitStatus;
  }

  async delete(id: string): Promise<Messages[`${Tasks}.DeleteResponse`]> {
    return this.service.delete(this.ctx, this.request('DeleteTaskRequest', { containerId: id }));
  }

  /** The events of one topic about a container. */
  seen(topic: string, containerId: string): Record<string, unknown>[] {
    return this.events
      .filter((entry) => entry.topic === topic && entry.event['containerId'] === containerId)
      .map((entry) => entry.event);
  }

  /** Process ids of the shims of this world. */
  shimPids(id?: string): number[] {
    const wanted = id === undefined ? `-namespace ${this.namespace} ` : `-namespace ${this.namespace} -id ${id} `;
    const lines = execFileSync('ps', ['-ww', '-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
    return lines
      .filter((line) => line.includes('containerd-shim') && `${line} `.includes(wanted) && !/^\s*\d+\s+Z/.test(line))
      .map((line) => Number.parseInt(line, 10));
  }

  bundlePath(id: string): string {
    return join(this.folder, 'state/io.containerd.runtime.v2.task', this.namespace, id);
  }

  /** Ends what a failed test has left running, then removes all files. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const task of this.manager.list(this.namespace)) {
      await task.call('Kill', { id: task.id, signal: 9, all: true }, { timeoutMs: 2_000 }).catch(() => undefined);
      await task.wait('', AbortSignal.timeout(5_000)).catch(() => undefined);
      await this.manager.delete(this.ctx, task.id).catch(() => undefined);
    }
    await this.stop();
    for (const pid of this.shimPids()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was just ending.
      }
    }
    rmSync(this.folder, { recursive: true });
    removeNamespaceFolders([this.namespace]);
  }

  #container(id: string): TaskContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw notFound(`container "${id}" in namespace "${this.namespace}"`);
    return container;
  }

  #surroundings(): ShimSurroundings {
    return {
      address: join(this.folder, 'd.sock'),
      ttrpcAddress: join(this.folder, 'd.sock.ttrpc'),
      publishBinary: '/bin/false',
      socketDirectory: join(this.folder, 's'),
      runcRoot: join(this.folder, 'runc'),
      debug: false,
    };
  }

  async #collect(subscription: AsyncIterable<Messages['containerd.types.Envelope']>): Promise<void> {
    for await (const { namespace, topic, event } of subscription) {
      if (namespace !== this.namespace || event === null) continue;
      this.events.push({ topic, event: unpackKnown(event) as Record<string, unknown> });
    }
  }
}

function makeRootfs(path: string): void {
  for (const name of ['bin', 'proc', 'dev', 'tmp']) mkdirSync(join(path, name), { recursive: true });
  copyFileSync('/bin/busybox', join(path, 'bin/busybox'));
  chmodSync(join(path, 'bin/busybox'), 0o755);
  for (const name of ['sh', 'sleep', 'true', 'cat', 'echo', 'kill']) symlinkSync('busybox', join(path, 'bin', name));
}

function specOf(cgroupsPath: string, args: readonly string[]): object {
  const capabilities = ['CAP_KILL', 'CAP_SYS_CHROOT'];
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args,
      env: ['PATH=/bin'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: true,
    },
    root: { path: 'rootfs' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['mode=1777'] },
    ],
    linux: {
      cgroupsPath,
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
    },
  };
}

/** The spec of a process that is executed in a container. */
export function processOf(script: string): Messages['google.protobuf.Any'] {
  return packJson(JSON_TYPES.process, {
    user: { uid: 0, gid: 0 },
    args: ['/bin/sh', '-c', script],
    env: ['PATH=/bin'],
    cwd: '/',
  });
}

/** Without a content store there is nowhere to keep them. */
function refuseCheckpoints(): Promise<never> {
  throw new Error('no checkpoints in this world');
}
