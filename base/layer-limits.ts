/** What a layer may cost before it is given up as resource-exhausted. */
export interface LayerLimits {
  readonly maxEntries: number;
  readonly maxNameBytes: number;
  /** Of the uncompressed archive. */
  readonly maxSizeBytes: number;
  /** Uncompressed to compressed size, once more than 1 GiB has come out. */
  readonly maxRatio: number;
}

/** What applies where nothing else is configured: far above what image builders make. */
export const defaultLayerLimits: LayerLimits = {
  maxEntries: 2 ** 21,
  maxNameBytes: 4096,
  maxSizeBytes: 256 * 2 ** 30,
  // Zeros come out of deflate 1030 times larger; programs, texts and even half-empty disk images come nowhere near this.
  maxRatio: 200,
};
