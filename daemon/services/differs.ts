import { GantryError, isKind } from '../../base/errors.ts';
import { abortable } from '../../base/signals.ts';
import type { ApplyRequest, DiffRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Arrivals } from '../content/arrivals.ts';
import type { Context } from '../context.ts';

/** Layers to files and files to layers. */
export interface Differ {
  apply(ctx: Context, request: ApplyRequest): Promise<Descriptor>;
  diff(ctx: Context, request: DiffRequest): Promise<Descriptor>;
  /** Does what `apply` does and tells whether it was enough, where that is known. */
  extract?(ctx: Context, request: ApplyRequest): Promise<ExtractedLayer>;
}

/** A layer on its own. */
export interface ExtractedLayer {
  readonly diffId: string;
  /** Extracted without the layers below, it may be another than on top of them. */
  readonly needsBelow: boolean;
}

/** Several differs as one: the first that does not say `unimplemented` does it. */
export class Differs implements Differ {
  readonly #differs: readonly Differ[];
  readonly #arrivals: Pick<Arrivals, 'find'>;

  constructor(differs: readonly Differ[], { arrivals }: { readonly arrivals: Pick<Arrivals, 'find'> }) {
    this.#differs = differs;
    this.#arrivals = arrivals;
  }

  apply(ctx: Context, request: ApplyRequest): Promise<Descriptor> {
    return this.#first((differ) => differ.apply(ctx, request));
  }

  diff(ctx: Context, request: DiffRequest): Promise<Descriptor> {
    return this.#first((differ) => differ.diff(ctx, request));
  }

  extract(ctx: Context, request: ApplyRequest): Promise<ExtractedLayer> {
    return this.#first(async (differ) => {
      if (differ.extract !== undefined) return differ.extract(ctx, request);
      const arrival = this.#arrivals.find(ctx.namespace, request.diff?.digest ?? '');
      if (arrival !== undefined) await abortable(arrival.whole, ctx.signal);
      return { diffId: (await differ.apply(ctx, request)).digest, needsBelow: true };
    });
  }

  async #first<T>(attempt: (differ: Differ) => Promise<T>): Promise<T> {
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
