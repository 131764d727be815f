/** The same bytes in blocks of one size, the last one smaller: what comes in small pieces is cheaper to handle then. */
export function* inBlocks(chunks: Iterable<Buffer>, blockSizeBytes: number): Generator<Buffer> {
  let block = Buffer.allocUnsafe(blockSizeBytes);
  let filled = 0;
  for (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      const copied = chunk.copy(block, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < blockSizeBytes) continue;
      yield block;
      block = Buffer.allocUnsafe(blockSizeBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
