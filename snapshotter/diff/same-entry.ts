import { type AttributeReader, attributesOf, sameAttributes } from './attributes.ts';
import type { Entry } from './entry.ts';
import type { OpenFile } from './open-directory.ts';

const nsPerSecond = 1_000_000_000n;
const chunkSizeBytes = 1 << 20;

/**
 * True if a lower and an upper entry of the same name count as unchanged: equal type, mode, owner, device and extended
 * attributes and, but for directories, size and time of modification. A time in whole seconds on both sides may have been
 * cut by an archive, and then the contents decide.
 */
export function sameEntry(sys: AttributeReader, lower: Entry, upper: Entry): boolean {
  const [a, b] = [lower.stats, upper.stats];
  if (a.dev === b.dev && a.ino === b.ino) return true;
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.rdev !== b.rdev) return false;
  if (!a.isDirectory() && (a.size !== b.size || a.mtimeNs !== b.mtimeNs)) return false;
  if (!sameAttributes(attributesOf(sys, lower), attributesOf(sys, upper))) return false;
  if (a.isDirectory() || a.mtimeNs % nsPerSecond !== 0n) return true;
  if (a.isSymbolicLink()) return lower.directory.linkTarget(lower.name) === upper.directory.linkTarget(upper.name);
  return !a.isFile() || a.size === 0n || sameContents(lower, upper);
}

function sameContents(lower: Entry, upper: Entry): boolean {
  using a = lower.directory.file(lower.name);
  using b = upper.directory.file(upper.name);
  const [bufferA, bufferB] = [Buffer.allocUnsafe(chunkSizeBytes), Buffer.allocUnsafe(chunkSizeBytes)];
  while (true) {
    const [readA, readB] = [fill(a, bufferA), fill(b, bufferB)];
    if (!readA.equals(readB)) return false;
    if (readA.length < chunkSizeBytes) return true;
  }
}

function fill(file: OpenFile, buffer: Buffer): Buffer {
  return buffer.subarray(0, file.fill(buffer));
}
