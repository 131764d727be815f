import { GantryError } from '../../base/errors.ts';
import type { ApplyRequest, DiffRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Context } from '../context.ts';
import type { ProxyConnection } from './connection.ts';

/** A differ in a process of its own. */
export class ProxyDiffer {
  readonly #connection: ProxyConnection;

  constructor(connection: ProxyConnection) {
    this.#connection = connection;
  }

  /** @throws GantryError unimplemented for a layer that is for another differ */
  async apply({ namespace, signal }: Context, request: ApplyRequest): Promise<Descriptor> {
    const service = this.#connection.service('containerd.services.diff.v1.Diff', namespace);
    return this.#described((await this.#connection.answer(service.Apply(request, { signal }))).applied);
  }

  /** @throws GantryError unimplemented for a media type that is for another differ */
  async diff({ namespace, signal }: Context, request: DiffRequest): Promise<Descriptor> {
    const service = this.#connection.service('containerd.services.diff.v1.Diff', namespace);
    return this.#described((await this.#connection.answer(service.Diff(request, { signal }))).diff);
  }

  #described(descriptor: Descriptor | null): Descriptor {
    if (descriptor !== null) return descriptor;
    throw new GantryError('internal', `proxy plugin "${this.#connection.name}" answered without a descriptor`);
  }
}
