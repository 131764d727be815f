import type { FileHandle } from 'node:fs/promises';
import type { Entry } from './entry.ts';

const nsPerSecond = 1_000_000_000n;
const chunkSizeBytes = 1 << 20;

/** The kernel's capabilities of a program file, as stored in its extended attribute. */
export interface CapabilityReader {
  /** @param fd of an open file; undefined if it has none */
  fileCapability(fd: number): Buffer | undefined;
}

/**
 * True if a lower and an upper entry of the same name count as unchanged: equal type, mode, owner, device and capabilities
 * and, but for directories, size and time of modification. A time in whole seconds on both sides may have been cut by an
 * archive, and then the contents decide.
 */
export async function sameEntry(sys: CapabilityReader, lower: Entry, upper: Entry): Promise<boolean> {
  const [a, b] = [lower.stats, upper.stats];
  if (a.dev === b.dev && a.ino === b.ino) return true;
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.rdev !== b.rdev) return false;
  if (a.isDirectory()) return true;
  if (a.size !== b.size || a.mtimeNs !== b.mtimeNs) return false;
  const wholeSeconds = a.mtimeNs % nsPerSecond === 0n;
  if (a.isSymbolicLink()) return !wholeSeconds || (await sameTarget(lower, upper));
  if (!a.isFile()) return true;
  return sameFile(sys, lower, upper, wholeSeconds && a.size > 0n);
}

async function sameTarget(lower: Entry, upper: Entry): Promise<boolean> {
  const target = await lower.directory.linkTarget(lower.name);
  return target === (await upper.directory.linkTarget(upper.name));
}

async function sameFile(sys: CapabilityReader, lower: Entry, upper: Entry, withContents: boolean): Promise<boolean> {
  await using a = await lower.directory.file(lower.name);
  await using b = await upper.directory.file(upper.name);
  const [capabilityA, capabilityB] = [sys.fileCapability(a.fd), sys.fileCapability(b.fd)];
  if (!(capabilityA ?? Buffer.alloc(0)).equals(capabilityB ?? Buffer.alloc(0))) return false;
  return !withContents || (await sameContents(a, b));
}

async function sameContents(a: FileHandle, b: FileHandle): Promise<boolean> {
  const [bufferA, bufferB] = [Buffer.allocUnsafe(chunkSizeBytes), Buffer.allocUnsafe(chunkSizeBytes)];
  for (let position = 0; ; ) {
    const [readA, readB] = await Promise.all([fill(a, bufferA, position), fill(b, bufferB, position)]);
    if (!bufferA.subarray(0, readA).equals(bufferB.subarray(0, readB))) return false;
    if (readA < chunkSizeBytes) return true;
    position += readA;
  }
}

/** Reads until the buffer is full or the file ends. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
