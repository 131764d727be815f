import { writeBlob } from '../../client/content/write.ts';
import type { Side } from './side.ts';

const lease = 'kept-blobs';

/** Writes a blob that no collection takes, as a lease holds it from the start, and returns its digest. */
export async function keepBlob({ client, ctr }: Side, bytes: Buffer): Promise<string> {
  await ctr.try(['leases', 'create', '--id', lease]);
  return writeBlob(client.with({ leaseId: lease }), [bytes], { sizeBytes: bytes.length });
}
