import { isKind } from '../../base/errors.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { ContentReader } from '../content/content.ts';
import type { Context } from '../context.ts';
import type { Database } from '../metadata/database.ts';
import { imageTable } from '../metadata/schema.ts';

/** Documents of an image are read up to this size, and so many manifests of an index. */
const maxDocumentBytes = 8 << 20;
const maxManifests = 64;

interface Document {
  readonly manifests?: readonly Pick<Descriptor, 'digest'>[];
  readonly config?: { readonly digest?: string; readonly Labels?: Readonly<Record<string, string>> };
}

/** What the configurations of images say about labels. */
export class ImageLabels {
  readonly #database: Database;
  readonly #content: { open(ctx: Context, digest: string): Promise<ContentReader> };

  constructor(deps: {
    readonly database: Database;
    readonly content: { open(ctx: Context, digest: string): Promise<ContentReader> };
  }) {
    this.#database = deps.database;
    this.#content = deps.content;
  }

  /** The labels of each platform's configuration; of an image that is not here, or not whole, what is here. */
  async of(ctx: Context, name: string): Promise<Readonly<Record<string, string>>[]> {
    const image = await this.#database.get(imageTable, [ctx.namespace, name]);
    if (image?.target == null) return [];
    const top = await this.#read(ctx, image.target.digest);
    const digests = top?.manifests?.slice(0, maxManifests).map(({ digest }) => digest);
    const manifests =
      digests === undefined ? [top] : await Promise.all(digests.map((digest) => this.#read(ctx, digest)));
    const configs = await Promise.all(manifests.map((manifest) => this.#read(ctx, manifest?.config?.digest ?? '')));
    return configs.map((config) => config?.config?.Labels ?? {});
  }

  async #read(ctx: Context, digest: string): Promise<Document | undefined> {
    if (digest === '') return undefined;
    try {
      await using reader = await this.#content.open(ctx, digest);
      if (reader.sizeBytes > maxDocumentBytes) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of reader.chunks(0, reader.sizeBytes)) chunks.push(Buffer.from(chunk));
      const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
      return typeof value === 'object' && value !== null ? value : undefined;
    } catch (error) {
      if (isKind(error, 'not-found') || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}
