import { documentMaxBytes } from '../../archive/documents.ts';
import { sha256Of } from '../../base/digest.ts';
import { GantryError } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

/**
 * The bytes of a small blob, checked against its digest where that is a sha256.
 * @throws GantryError not-found, resource-exhausted over `documentMaxBytes`, data-loss for other bytes than the digest's
 */
export async function readDocument(client: Client, digest: string, options: CallOptions = {}): Promise<Buffer> {
  const content = client.service('containerd.services.content.v1.Content');
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const { data } of content.Read({ digest }, options)) {
    sizeBytes += data.length;
    if (sizeBytes > documentMaxBytes) {
      throw new GantryError('resource-exhausted', `blob ${digest}: larger than ${documentMaxBytes} bytes`);
    }
    chunks.push(data);
  }
  const bytes = Buffer.concat(chunks);
  if (digest.startsWith('sha256:') && sha256Of(bytes) !== digest) {
    throw new GantryError('data-loss', `blob ${digest}: its bytes have another digest`);
  }
  return bytes;
}
