import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alreadyExists, messageOf, notFound, wrap } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { withUndo } from '../../base/undo.ts';
import type { Any } from '../../proto/any.ts';
import type { Context } from '../context.ts';
import { writeBootstrap } from './bootstrap.ts';
import type { Bundle, Bundles } from './bundle.ts';
import { forEachLimited } from './map-limit.ts';
import type { ShimBinaries } from './shim-binary.ts';
import type { OpenedShim, ShimLauncher } from './shim-launcher.ts';
import { killProcessesIn } from './shim-processes.ts';

/** A shim's answer to Shutdown. */
const shutdownMs = 3_000;
/** Shims looked for at the same time when the daemon starts. */
const recoveryConcurrency = 32;

export interface SandboxShimsDeps {
  /** Bundles of sandboxes, which are not those of tasks. */
  readonly bundles: Bundles;
  readonly binaries: ShimBinaries;
  readonly launcher: ShimLauncher;
  readonly log: Logger;
}

/** The shims that own sandboxes: started, found again after a restart, and cleaned up after. */
export class SandboxShims implements AsyncDisposable {
  readonly #deps: SandboxShimsDeps;
  readonly #shims = new Map<string, OpenedShim>();
  readonly #starting = new Set<string>();

  constructor(deps: SandboxShimsDeps) {
    this.#deps = deps;
  }

  find(namespace: string, id: string): OpenedShim | undefined {
    return this.#shims.get(keyOf(namespace, id));
  }

  /** @throws GantryError not-found */
  get(namespace: string, id: string): OpenedShim {
    const shim = this.find(namespace, id);
    if (shim === undefined) throw notFound(`sandbox "${id}"`);
    return shim;
  }

  /**
   * Starts the shim of a sandbox and lets `use` do what has to succeed. Nothing is left of it on failure.
   * @throws GantryError already-exists for an id that has one; what the shim said
   */
  async start(
    ctx: Context,
    sandbox: { id: string; runtime: string; options: Any | null; spec: Uint8Array },
    use: (shim: OpenedShim) => Promise<unknown>,
  ): Promise<void> {
    const { bundles, binaries, launcher } = this.#deps;
    const key = keyOf(ctx.namespace, sandbox.id);
    if (this.#shims.has(key) || this.#starting.has(key)) throw alreadyExists(`sandbox ${sandbox.id} already running`);
    this.#starting.add(key);
    try {
      await withUndo(async (undo) => {
        const shimPath = await binaries.resolve(sandbox.runtime);
        const bundle = await bundles.create(ctx.namespace, sandbox.id, { spec: sandbox.spec, shimPath });
        undo.push('remove the bundle', () => bundles.remove(bundle));
        const shim = await launcher.open(bundle, shimPath, sandbox.options, ctx.signal).catch((error: unknown) => {
          throw wrap(error, `failed to start new shim for sandbox ${sandbox.id}`);
        });
        undo.push('end the shim', () => this.#abandon(shim));
        await writeBootstrap(bundle.path, shim.bootstrap);
        await use(shim);
        this.#keep(shim);
      });
    } finally {
      this.#starting.delete(key);
    }
  }

  /** Lets go of a shim that has been told to end, and removes what is left of it. */
  async remove(shim: OpenedShim): Promise<void> {
    this.#shims.delete(keyOf(shim.bundle.namespace, shim.bundle.id));
    await this.#end(shim);
    await this.#deps.bundles.remove(shim.bundle);
  }

  /** Finds the shims of the daemon's earlier lives again, and removes what dead ones have left. */
  async recover(): Promise<void> {
    const { bundles, log } = this.#deps;
    await bundles.prepare();
    await forEachLimited(await bundles.list(), recoveryConcurrency, async (bundle) => {
      const { namespace, id } = bundle;
      try {
        await this.#recover(bundle);
      } catch (error) {
        log.error({ namespace, id, error: messageOf(error) }, 'cannot find the shim of a sandbox again');
      }
    });
    await bundles.removeStale();
  }

  /** Lets go of all shims; they live on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const shims = [...this.#shims.values()];
    this.#shims.clear();
    for (const shim of shims) letGo(shim);
    await this.#deps.bundles.settled();
  }

  async #recover(bundle: Bundle): Promise<void> {
    const { bundles, launcher } = this.#deps;
    const shimPath = await readFile(join(bundle.path, 'shim-binary-path'), 'utf8').catch(() => '');
    if (shimPath === '') return bundles.remove(bundle);
    const shim = await launcher.reopen(bundle, shimPath).catch(() => undefined);
    if (shim !== undefined) return this.#keep(shim);
    await this.#cleanUp(bundle, shimPath);
    await bundles.remove(bundle);
  }

  #keep(shim: OpenedShim): void {
    const { namespace, id } = shim.bundle;
    const key = keyOf(namespace, id);
    this.#shims.set(key, shim);
    void shim.connection.closed.then(async () => {
      // Otherwise it is we who have let go of it.
      if (this.#shims.get(key) !== shim) return;
      this.#deps.log.warn({ namespace, id }, 'the shim of a sandbox is gone');
      await this.remove(shim);
    });
  }

  /** Ends a shim whose sandbox could not be made, also one that knows nothing of sandboxes. */
  async #abandon(shim: OpenedShim): Promise<void> {
    const { bundle, connection } = shim;
    const shutdown = { id: bundle.id, now: true };
    await connection.call('Shutdown', shutdown, { timeoutMs: shutdownMs }).catch(() => undefined);
    await killProcessesIn(bundle.path);
    await this.#end(shim);
  }

  async #end(shim: OpenedShim): Promise<void> {
    letGo(shim);
    await this.#cleanUp(shim.bundle, shim.shimPath);
  }

  async #cleanUp(bundle: Bundle, shimPath: string): Promise<void> {
    const { namespace, id } = bundle;
    await this.#deps.launcher.cleanUp(bundle, shimPath).catch((error: unknown) => {
      this.#deps.log.warn({ namespace, id, error: messageOf(error) }, 'shim could not clean up after a sandbox');
    });
  }
}

function letGo({ connection, log }: OpenedShim): void {
  connection.close();
  log?.[Symbol.dispose]();
}

const keyOf = (namespace: string, id: string) => `${namespace}\0${id}`;
