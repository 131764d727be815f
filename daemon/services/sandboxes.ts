import type { Clock } from '../../base/clock.ts';
import { alreadyExists, invalidArgument, notFound, wrap } from '../../base/errors.ts';
import { type FieldLookup, mapField, parseFilters } from '../../base/filter.ts';
import { validateIdentifier } from '../../base/ids.ts';
import type { Sandbox } from '../../proto/gen/api/types/sandbox.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { Database } from '../metadata/database.ts';
import { parseMaskPath, updatedMap } from '../metadata/field-mask.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { ensureNamespace } from '../metadata/namespaces.ts';
import { sandboxTable } from '../metadata/schema.ts';

/** What an update without field paths replaces; the rest of a sandbox never changes. */
const mutableFields = ['labels', 'extensions', 'spec', 'runtime'];

/**
 * The rules of containerd.services.sandbox.v1.Store: the records that sandboxes are started from. It announces nothing;
 * events tell of sandboxes that run, and those are a controller's.
 */
export class SandboxesService {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(deps: { readonly database: Database; readonly clock: Clock }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
  }

  async get(ctx: Context, id: string): Promise<Sandbox> {
    const sandbox = await this.#database.get(sandboxTable, [ctx.namespace, id]);
    if (sandbox === undefined) throw notFound(`sandbox "${id}"`);
    return sandbox;
  }

  /** Sandboxes that match any of the filters, in the order of their ids. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Sandbox> {
    const matches = parseFilters(filters);
    return this.#matching(ctx, (sandbox) => matches(sandboxField(sandbox)));
  }

  async create(ctx: Context, sandbox: Sandbox | null): Promise<Sandbox> {
    if (sandbox === null) throw invalidArgument('sandbox is missing');
    try {
      validateSandbox(sandbox);
    } catch (error) {
      throw wrap(error, 'failed to validate sandbox');
    }
    const now = timestampFromNs(this.#clock.now());
    const created = { ...stored(sandbox), createdAt: now, updatedAt: now };
    await this.#database.update(async (tx) => {
      await ensureNamespace(tx, ctx.namespace);
      const key = [ctx.namespace, sandbox.sandboxId];
      if (await tx.has(sandboxTable, key)) throw alreadyExists(`sandbox "${sandbox.sandboxId}"`);
      tx.put(sandboxTable, key, created);
    });
    return created;
  }

  /** @param paths fields to change; empty replaces everything that can change, and the runtime's name cannot */
  async update(ctx: Context, change: Sandbox | null, paths: readonly string[]): Promise<Sandbox> {
    if (change === null) throw invalidArgument('sandbox is missing');
    return this.#database.update(async (tx) => {
      const key = [ctx.namespace, change.sandboxId];
      const current = await tx.get(sandboxTable, key);
      if (current === undefined) throw notFound(`sandbox "${change.sandboxId}"`);
      const next = stored(applyUpdate(current, change, paths));
      validateSandbox(next);
      const updated = { ...next, updatedAt: timestampFromNs(this.#clock.now()) };
      tx.put(sandboxTable, key, updated);
      return updated;
    });
  }

  async delete(ctx: Context, id: string): Promise<void> {
    await this.#database.update(async (tx) => {
      const key = [ctx.namespace, id];
      if (!(await tx.has(sandboxTable, key))) throw notFound(`sandbox "${id}"`);
      tx.delete(sandboxTable, key);
    });
  }

  async *#matching(ctx: Context, matches: (sandbox: Sandbox) => boolean): AsyncGenerator<Sandbox> {
    for await (const { value } of this.#database.list(sandboxTable, [ctx.namespace])) {
      ctx.signal.throwIfAborted();
      if (matches(value)) yield value;
    }
  }
}

function applyUpdate(current: Sandbox, change: Sandbox, paths: readonly string[]): Sandbox {
  if (paths.length === 0 && (current.runtime?.name ?? '') !== (change.runtime?.name ?? '')) {
    throw invalidArgument('sandbox.Runtime.Name field is immutable');
  }
  const next = { ...current };
  for (const path of paths.length === 0 ? mutableFields : paths) {
    const { field, key } = parseMaskPath(path, ['labels', 'extensions']);
    if (field === 'labels') next.labels = updatedMap(next.labels, change.labels, key);
    else if (field === 'extensions') next.extensions = updatedMap(next.extensions, change.extensions, key);
    else if (field === 'spec') next.spec = change.spec;
    else if (field === 'runtime') next.runtime = change.runtime;
    else throw invalidArgument(`cannot update "${path}" field on sandbox "${change.sandboxId}"`);
  }
  return next;
}

function validateSandbox(sandbox: Sandbox): void {
  try {
    validateIdentifier(sandbox.sandboxId);
  } catch (error) {
    throw wrap(error, 'invalid sandbox ID');
  }
  validateLabels(sandbox.labels, 'sandbox.Labels');
}

/** The sandbox as it is stored: clients of containerd rely on there being a runtime, if only an unnamed one. */
function stored(sandbox: Sandbox): Sandbox {
  return {
    ...sandbox,
    labels: storedLabels(sandbox.labels),
    runtime: sandbox.runtime ?? { name: '', options: null },
  };
}

const sandboxField =
  (sandbox: Sandbox): FieldLookup =>
  ([field, ...rest]) => {
    if (field === 'id') return sandbox.sandboxId || undefined;
    return field === 'labels' ? mapField(sandbox.labels, rest) : undefined;
  };
