import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '../../client/client.ts';
import { subscribeEvents } from '../../client/event.ts';
import { sys } from '../../native/sys.ts';
import { eventually } from '../helpers/eventually.ts';
import { leftovers } from '../helpers/leak-guard.ts';
import { TempFolder } from '../helpers/paths.ts';
import { image, Side } from '../helpers/side.ts';
import { Sink } from './sink.ts';
import type { Trigger } from './task-moments.ts';

/** What the container says and does until it is told to stop: it counts aloud, and notes apart what it has said. */
const script = [
  'trap "echo bye; echo 7 > /shared/ended; exit 7" TERM',
  'i=0; while :; do i=$((i + 1)); echo $i; echo $i > /shared/said; usleep 3000; done',
].join('\n');

/** A daemon, and one container after another that has a fault. */
export class TaskWorld implements AsyncDisposable {
  readonly side: Side;
  readonly #folder: TempFolder;
  #client: Client;
  #exits = new Map<string, number>();
  #subscription = new AbortController();
  #count = 0;

  private constructor(side: Side, folder: TempFolder) {
    this.side = side;
    this.#folder = folder;
    this.#client = connect({ address: side.daemon.address, namespace: side.namespace });
  }

  static async start(config = ''): Promise<TaskWorld> {
    const folder = new TempFolder();
    const points = join(folder.path, 'points');
    const path = [join(folder.path, 'bin')];
    const runc = execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim();
    for (const name of ['points', 'shared', 'bin']) mkdirSync(join(folder.path, name));
    symlinkSync(join(import.meta.dirname, 'runc-wrapper.sh'), join(folder.path, 'bin', 'runc'));
    writeFileSync(join(folder.path, 'shared', 'script'), script);
    const env = { GANTRY_FAILPOINTS: '', GANTRY_SHIM_FAILPOINTS: points, GANTRY_TEST_RUNC: runc };
    const side = await Side.start('gantryd', { image: true, daemon: { env, config, path } });
    const world = new TaskWorld(side, folder);
    await world.#subscribe();
    return world;
  }

  get client(): Client {
    return this.#client;
  }

  get shared(): string {
    return join(this.#folder.path, 'shared');
  }

  /** Makes a container, without a task. @returns its id and where its output will go */
  async newContainer(): Promise<{ id: string; sink: Sink }> {
    const id = `c${String(++this.#count).padStart(4, '0')}`;
    const { ctr, daemon } = this.side;
    for (const name of ['ended', 'said']) rmSync(join(this.shared, name), { force: true });
    const mount = `type=bind,src=${this.shared},dst=/shared,options=rbind:rw`;
    await ctr.ok('containers', 'create', '--mount', mount, image, id, 'sh', '/shared/script');
    const path = join(daemon.folder, `${id}.out`);
    await sys.makeFifo(path, 0o600);
    return { id, sink: new Sink(path) };
  }

  /** Removes it; what is left of it then is returned. */
  async remove(id: string, sink: Sink): Promise<string[]> {
    await this.side.ctr.ok('containers', 'rm', id);
    sink[Symbol.dispose]();
    const { daemon, namespace } = this.side;
    const left = () => leftovers(daemon, [namespace]).filter((line) => !line.includes('test-reaper'));
    return eventually(() => {
      if (left().length > 0) throw new Error(left().join('\n'));
      return [];
    }).catch(left);
  }

  /** Sets the trap. */
  async arm({ point, in: place, kills }: Trigger): Promise<void> {
    if (place === 'daemon') {
      await this.#client.service('gantry.debug.v1.Failpoints').Set({ name: point, terms: 'crash' });
      return;
    }
    const content = kills === 'daemon' ? String(this.side.daemon.pid) : place === 'runc' ? kills : '';
    writeFileSync(join(this.#folder.path, 'points', point), content === 'runc' ? 'kill' : content);
  }

  hasGoneOff({ point, in: place }: Trigger): boolean {
    if (place === 'daemon') return this.side.daemon.hasEnded;
    return !existsSync(join(this.#folder.path, 'points', point));
  }

  /** Removes the traps that have not gone off. */
  disarm(): void {
    const folder = join(this.#folder.path, 'points');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  }

  /** Starts the daemon again if it is dead. */
  async revive(): Promise<boolean> {
    if (!this.side.daemon.hasEnded) return false;
    this.#subscription.abort();
    this.#client.close();
    await this.side.daemon.start();
    this.#client = connect({ address: this.side.daemon.address, namespace: this.side.namespace });
    await this.#subscribe();
    return true;
  }

  /** How often the end of the container's first process has been told. */
  exitsOf(id: string): number {
    return this.#exits.get(id) ?? 0;
  }

  /** What the container says of itself: how often it has spoken, and how it ended if it did so by itself. */
  truth(): { said: number; ended: number | undefined } {
    const read = (name: string) => {
      const path = join(this.shared, name);
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
    };
    return { said: read('said') ?? 0, ended: read('ended') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription.abort();
    this.#client.close();
    await this.side[Symbol.asyncDispose]().finally(() => this.#folder[Symbol.dispose]());
  }

  async #subscribe(): Promise<void> {
    this.#subscription = new AbortController();
    const { signal } = this.#subscription;
    const marker = `m${this.#count}x${this.side.daemon.pid}`;
    let isThere = false;
    const follow = async () => {
      for await (const { topic, event } of subscribeEvents(this.#client, [], { signal })) {
        const { containerId, id, name } = event as { containerId?: string; id?: string; name?: string };
        if (name === marker) isThere = true;
        if (topic === '/tasks/exit' && containerId === id && id !== undefined) {
          this.#exits.set(id, (this.#exits.get(id) ?? 0) + 1);
        }
      }
    };
    follow().catch(() => undefined);
    const namespaces = this.#client.service('containerd.services.namespaces.v1.Namespaces');
    await eventually(async () => {
      await namespaces.Create({ namespace: { name: marker } });
      await namespaces.Delete({ name: marker });
      if (!isThere) throw new Error('no events arrive');
    });
  }
}
