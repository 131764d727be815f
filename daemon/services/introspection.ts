import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failedPrecondition, GantryError, notFound } from '../../base/errors.ts';
import { parseFilters } from '../../base/filter.ts';
import { type Any, holds, pack, unpack } from '../../proto/any.ts';
import type {
  Plugin,
  PluginInfoRequest,
  ServerResponse,
} from '../../proto/gen/api/services/introspection/v1/introspection.ts';
import type { RuntimeInfo, RuntimeRequest } from '../../proto/gen/api/types/introspection.ts';

export interface IntrospectionDeps {
  readonly plugins: readonly Plugin[];
  readonly uuidPath: string;
  /** What a runtime tells of itself. */
  readonly runtimeInfo: (request: RuntimeRequest, signal: AbortSignal) => Promise<RuntimeInfo>;
}

/** The plugin whose options say which runtime is meant. */
const runtimePlugin = 'io.containerd.runtime.v2.task';

/** What the daemon says of itself and of its parts; needs no namespace. */
export class IntrospectionService {
  readonly #plugins: readonly Plugin[];
  readonly #uuidPath: string;
  readonly #runtimeInfo: IntrospectionDeps['runtimeInfo'];
  #uuid: Promise<string> | undefined;

  constructor(deps: IntrospectionDeps) {
    this.#plugins = deps.plugins;
    this.#runtimeInfo = deps.runtimeInfo;
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
   * One plugin. What only the plugin itself can tell is asked for with options; of ours the runtime has an answer.
   * @throws GantryError not-found; with options failed-precondition for one that is not loaded, unimplemented for one that
   *   has nothing to tell, or as asking the runtime fails
   */
  async plugin(
    { type, id, options }: PluginInfoRequest,
    signal: AbortSignal,
  ): Promise<{ readonly plugin: Plugin; readonly extra: Any | null }> {
    const plugin = this.#plugins.find((each) => each.type === type && each.id === id);
    if (plugin === undefined) throw notFound(`plugin ${type}.${id} not found`);
    if (options === null) return { plugin, extra: null };
    if (plugin.initErr !== null) {
      throw failedPrecondition('cannot get extra info, plugin not successfully loaded');
    }
    if (`${type}.${id}` !== runtimePlugin) {
      throw new GantryError('unimplemented', `plugin ${type}.${id} does not provide extra information`);
    }
    const { typeUrl } = options;
    if (!holds(options, 'containerd.types.RuntimeRequest')) {
      throw new GantryError('unimplemented', `unknown request type ${typeUrl}`);
    }
    const info = await this.#runtimeInfo(unpack('containerd.types.RuntimeRequest', options), signal);
    return { plugin, extra: pack('containerd.types.RuntimeInfo', info) };
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
