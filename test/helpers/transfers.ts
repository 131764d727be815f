import { randomBytes } from 'node:crypto';
import type { Client } from '../../client/client.ts';
import { type Any, pack, unpack } from '../../proto/any.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import type { Progress } from '../../proto/gen/api/types/transfer/progress.ts';
import { NamedStream } from './named-stream.ts';

const window = 'containerd.types.transfer.WindowUpdate';
const data = 'containerd.types.transfer.Data';
const chunkBytes = 32 * 1024;

/** A name that no other stream has. */
export const streamName = (what: string) => `${what}-${randomBytes(4).toString('hex')}`;

type Wire<Name extends keyof Messages> = Init<Messages[Name]>;

export const registry = (message: Wire<'containerd.types.transfer.OCIRegistry'>) =>
  pack('containerd.types.transfer.OCIRegistry', message);
export const store = (message: Wire<'containerd.types.transfer.ImageStore'>) =>
  pack('containerd.types.transfer.ImageStore', message);
export const importStream = (message: Wire<'containerd.types.transfer.ImageImportStream'>) =>
  pack('containerd.types.transfer.ImageImportStream', message);
export const exportStream = (message: Wire<'containerd.types.transfer.ImageExportStream'>) =>
  pack('containerd.types.transfer.ImageExportStream', message);

/** Moves images without being told anything. */
export async function transfer(
  client: Client,
  source: Any,
  destination: Any,
  options: { readonly progressStream?: string; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { progressStream = '', signal } = options;
  const request = { source, destination, options: { progressStream } };
  await client.service('containerd.services.transfer.v1.Transfer').Transfer(request, { signal });
}

/** Moves images; resolves with all that was told meanwhile. */
export async function transferWithProgress(client: Client, source: Any, destination: Any): Promise<Progress[]> {
  using stream = await NamedStream.open(client, streamName('progress'));
  const told = progressOf(stream);
  told.catch(() => undefined);
  await transfer(client, source, destination, { progressStream: stream.name });
  return await told;
}

/** Everything a progress stream tells until it ends. */
export async function progressOf(stream: NamedStream): Promise<Progress[]> {
  const told: Progress[] = [];
  for (let next = await stream.receive(); next !== undefined; next = await stream.receive()) {
    told.push(unpack('containerd.types.transfer.Progress', next));
  }
  return told;
}

/** Sends bytes as containerd's clients do: 32 KiB at a time, no more than the window. Returns when the last one is sent. */
export async function sendBytes(stream: NamedStream, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  let left = 0;
  for await (const chunk of bytes) {
    for (let offset = 0; offset < chunk.length; ) {
      while (left === 0) {
        const message = await stream.receive();
        if (message === undefined) return;
        left += unpack(window, message).update;
      }
      const piece = chunk.subarray(offset, offset + Math.min(chunkBytes, left));
      offset += piece.length;
      left -= piece.length;
      stream.send(pack(data, { data: piece }));
    }
  }
  stream.end();
}

/** Receives bytes as containerd's clients do, with a window of 64 KiB. */
export async function* receiveBytes(stream: NamedStream): AsyncGenerator<Buffer> {
  let granted = 0;
  for (;;) {
    if (granted < 2 * chunkBytes) {
      stream.send(pack(window, { update: 2 * chunkBytes }));
      granted += 2 * chunkBytes;
    }
    const message = await stream.receive();
    if (message === undefined) return;
    const chunk = unpack(data, message).data;
    granted -= chunk.length;
    yield chunk;
  }
}

/** Sends an archive into the store. */
export async function importArchive(
  client: Client,
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>,
  into: Wire<'containerd.types.transfer.ImageStore'>,
  options: Wire<'containerd.types.transfer.ImageImportStream'> = {},
): Promise<Progress[]> {
  using stream = await NamedStream.open(client, streamName('import'));
  const sending = sendBytes(stream, bytes);
  sending.catch(() => undefined);
  return await transferWithProgress(client, importStream({ ...options, stream: stream.name }), store(into));
}

/** The archive of images of the store. */
export async function exportArchive(
  client: Client,
  from: Wire<'containerd.types.transfer.ImageStore'>,
  options: Wire<'containerd.types.transfer.ImageExportStream'> = {},
): Promise<Buffer> {
  using stream = await NamedStream.open(client, streamName('export'));
  const received = Array.fromAsync(receiveBytes(stream));
  received.catch(() => undefined);
  await transfer(client, store(from), exportStream({ ...options, stream: stream.name }));
  return Buffer.concat(await received);
}
