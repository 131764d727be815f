import { GantryError, isKind } from '../../base/errors.ts';
import type { ApplyRequest, DiffRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Context } from '../context.ts';

/** Layers to files and files to layers. */
export interface Differ {
  apply(ctx: Context, request: ApplyRequest): Promise<Descriptor>;
  diff(ctx: Context, request: DiffRequest): Promise<Descriptor>;
}

/** Several differs as one: the first that does not say `unimplemented` does it. */
export class Differs implements Differ {
  readonly #differs: readonly Differ[];

  constructor(differs: readonly Differ[]) {
    this.#differs = differs;
  }

  apply(ctx: Context, request: ApplyRequest): Promise<Descriptor> {
    return this.#first((differ) => differ.apply(ctx, request));
  }

  diff(ctx: Context, request: DiffRequest): Promise<Descriptor> {
    return this.#first((differ) => differ.diff(ctx, request));
  }

  async #first(attempt: (differ: Differ) => Promise<Descriptor>): Promise<Descriptor> {
    let refusal: unknown = new GantryError('unimplemented', 'no differ is configured');
    for (const differ of this.#differs) {
      try {
        return await attempt(differ);
      } catch (error) {
        if (!isKind(error, 'unimplemented')) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}
