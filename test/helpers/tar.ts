import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';

/** The members of a small tar file: name to content. */
export async function readTar(bytes: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>();
  for await (const entry of Readable.from([bytes]).pipe(extract())) {
    members.set(entry.header.name, await buffer(entry));
  }
  return members;
}
