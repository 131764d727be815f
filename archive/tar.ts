import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, pack } from 'tar-stream';
import { only } from './documents.ts';
import { asCanceled } from './entries.ts';
import type { ExportOptions } from './export.ts';

const blockBytes = 512;
const endBytes = 2 * blockBytes;
const shortPathLength = 100;
/** The same images have to give the same bytes. */
const mtime = new Date(0);

/** One member of a tar archive that is to be written. */
export interface Member {
  /** Ends in a slash if it is a directory. */
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** Called when it is its turn; absent for a directory. */
  readonly bytes?: () => AsyncIterable<Uint8Array>;
}

export function directory(path: string): Member {
  return { path, mode: 0o755, sizeBytes: 0 };
}

export function textMember(path: string, text: string, mode = 0o644): Member {
  const bytes = Buffer.from(text);
  return { path, mode, sizeBytes: bytes.length, bytes: () => only(bytes) };
}

/**
 * The bytes of a tar archive of these members, made as they are asked for. Leaving the loop ends the read of the member that
 * it is at.
 */
export async function* writeTar(
  members: readonly Member[],
  { onBytes, signal }: Pick<ExportOptions, 'onBytes' | 'signal'>,
): AsyncGenerator<Uint8Array> {
  const totalBytes = members.reduce((sum, member) => sum + sizeInTar(member), endBytes);
  let writtenBytes = 0;
  const archive = pack();
  const fed = feed(archive, members).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error as Error),
  );
  try {
    for await (const chunk of archive as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      yield chunk;
      writtenBytes += chunk.length;
      onBytes?.(writtenBytes, totalBytes);
    }
  } catch (error) {
    throw asCanceled(error);
  } finally {
    archive.destroy();
    await fed;
  }
}

async function feed(archive: ReturnType<typeof pack>, members: readonly Member[]): Promise<void> {
  for (const { path, mode, sizeBytes, bytes } of members) {
    const header: Partial<Header> & { name: string } = { name: path, mode, mtime, size: sizeBytes };
    if (bytes === undefined) archive.entry({ ...header, type: 'directory' });
    else await pipeline(bytes(), archive.entry(header) as unknown as Writable);
  }
}

/** A long path takes an extended header. */
function sizeInTar({ path, sizeBytes }: Member): number {
  const headerBytes = path.length > shortPathLength ? 3 * blockBytes : blockBytes;
  return headerBytes + Math.ceil(sizeBytes / blockBytes) * blockBytes;
}
