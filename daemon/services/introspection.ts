import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failedPrecondition, GantryError, notFound } from '../../base/errors.ts';
import { parseFilters } from '../../base/filter.ts';
import type {
  Plugin,
  PluginInfoRequest,
  ServerResponse,
} from '../../proto/gen/api/services/introspection/v1/introspection.ts';

/** What the daemon says of itself and of its parts; needs no namespace. */
export class IntrospectionService {
  readonly #plugins: readonly Plugin[];
  readonly #uuidPath: string;
  #uuid: Promise<string> | undefined;

  constructor(deps: { plugins: readonly Plugin[]; uuidPath: string }) {
    this.#plugins = deps.plugins;
    this.#uuidPath = deps.uuidPath;
  }

  /** @throws GantryError invalid-argument for a filter that cannot be parsed */
  plugins(filters: readonly string[]): Plugin[] {
    const matches = parseFilters(filters);
    return this.#plugins.filter((plugin) =>
      matches(([field]) => (field === 'type' || field === 'id' ? plugin[field] || undefined : undefined)),
    );
  }

  /**
   * One plugin. What only the plugin itself can tell is asked for with options, and none of ours has an answer.
   * @throws GantryError not-found; with options failed-precondition for one that is not loaded, else unimplemented
   */
  plugin({ type, id, options }: PluginInfoRequest): Plugin {
    const plugin = this.#plugins.find((each) => each.type === type && each.id === id);
    if (plugin === undefined) throw notFound(`plugin ${type}.${id} not found`);
    if (options === null) return plugin;
    if (plugin.initErr !== null) {
      throw failedPrecondition('cannot get extra info, plugin not successfully loaded');
    }
    throw new GantryError('unimplemented', `plugin ${type}.${id} does not provide extra information`);
  }

  async server(): Promise<ServerResponse> {
    this.#uuid ??= this.#readOrMakeUuid();
    const pidNamespace = await stat('/proc/self/ns/pid');
    return { uuid: await this.#uuid, pid: process.pid, pidns: pidNamespace.ino, deprecations: [] };
  }

  /** The installation's id, made on the first start and kept with the root directory. */
  async #readOrMakeUuid(): Promise<string> {
    const stored = await readFile(this.#uuidPath, 'utf8').catch(() => '');
    if (/^[0-9a-f-]{36}$/.test(stored)) return stored;
    const uuid = randomUUID();
    await mkdir(dirname(this.#uuidPath), { recursive: true, mode: 0o700 });
    await writeFile(this.#uuidPath, uuid, { mode: 0o600 });
    return uuid;
  }
}
