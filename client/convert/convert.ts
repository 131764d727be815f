import type { Compression } from '../../archive/compression.ts';
import { protectImage } from '../../archive/protect.ts';
import type { ContentSink } from '../../archive/store.ts';
import { linkedController } from '../../base/signals.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { hostPlatform, type Platform } from '../../image/platform.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { contentOf } from '../content/store.ts';
import { findImage, type ImageRecord, putImage } from '../image/store.ts';
import { withLease } from '../lease.ts';
import { Converter } from './converter.ts';
import { mergeIndex } from './merge.ts';

export interface ConvertOptions extends CallOptions {
  /** How layers are compressed afterwards; as they are if absent. `zstd` implies `oci`: Docker's formats have no such layers. */
  compression?: Compression | undefined;
  /** Changes Docker's media types to OCI's. */
  oci?: boolean | undefined;
  /**
   * Platforms that stay in an index, `all` for every one; they have to be there. That of this machine if none is given, or
   * with `add` all that are there.
   */
  platforms?: readonly Platform[] | 'all' | undefined;
  /** References of images whose platforms are put into one index with those of the source. */
  add?: readonly string[] | undefined;
  /** Told the bytes of layers and documents read so far. */
  onBytes?: ((readBytes: number) => void) | undefined;
}

/**
 * Makes another image out of one: its layers compressed in another way, its documents in OCI's format, an index with fewer
 * platforms, or with those of further images. The root file system stays what it was, and so do its diff ids. With the
 * same options it makes the same image. It is made here, through the content API, with any containerd; the daemon's event
 * loop only passes bytes on.
 * @param target reference of the new image; one that exists is pointed to it
 */
export async function convertImage(
  client: Client,
  source: string,
  target: string,
  options: ConvertOptions = {},
): Promise<ImageRecord> {
  const name = normalizeReference(target);
  const { add = [], compression, platforms = add.length > 0 ? 'all' : [hostPlatform()] } = options;
  const images: ImageRecord[] = [];
  for (const reference of [source, ...add]) images.push(await findImage(client, reference, options));
  return withLease(client, options, async (leased) => {
    // When one layer fails, those beside it are not waited for.
    using failed = linkedController(options.signal);
    const store = counting(contentOf(leased, { ...options, signal: failed.signal }), options.onBytes);
    try {
      const from = images.length > 1 ? await mergeIndex(store, images) : (images[0] as ImageRecord).target;
      const converter = new Converter(store, { compression, oci: options.oci || compression === 'zstd', platforms });
      const made = await converter.convert({ ...from });
      await protectImage(store, made, { platforms: 'all' });
      return await putImage(leased, name, described(made), options);
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
}

function described({ mediaType, digest, size, annotations }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

function counting(store: ContentSink, onBytes: ConvertOptions['onBytes']): ContentSink {
  if (onBytes === undefined) return store;
  let readBytes = 0;
  const read: ContentSink['read'] = async function* (digest, options) {
    for await (const chunk of store.read(digest, options)) {
      readBytes += chunk.length;
      onBytes(readBytes);
      yield chunk;
    }
  };
  return { ...store, read };
}
