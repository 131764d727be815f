import { type Any, holds, unpack } from '../../proto/any.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { ImageExportStream, ImageImportStream } from '../../proto/gen/api/types/transfer/importexport.ts';
import type { OCIRegistry } from '../../proto/gen/api/types/transfer/registry.ts';

/** Where images come from or go to. */
export type Endpoint =
  | { readonly kind: 'registry'; readonly message: OCIRegistry }
  | { readonly kind: 'store'; readonly message: ImageStore }
  | { readonly kind: 'import'; readonly message: ImageImportStream }
  | { readonly kind: 'export'; readonly message: ImageExportStream };

const names = {
  registry: 'containerd.types.transfer.OCIRegistry',
  store: 'containerd.types.transfer.ImageStore',
  import: 'containerd.types.transfer.ImageImportStream',
  export: 'containerd.types.transfer.ImageExportStream',
} as const;

/**
 * The endpoint that a message describes; undefined for one that nothing can be done with.
 * @throws GantryError invalid-argument for malformed bytes
 */
export function endpointOf(any: Any | null): Endpoint | undefined {
  if (holds(any, names.registry)) return { kind: 'registry', message: unpack(names.registry, any) };
  if (holds(any, names.store)) return { kind: 'store', message: unpack(names.store, any) };
  if (holds(any, names.import)) return { kind: 'import', message: unpack(names.import, any) };
  if (holds(any, names.export)) return { kind: 'export', message: unpack(names.export, any) };
  return undefined;
}
