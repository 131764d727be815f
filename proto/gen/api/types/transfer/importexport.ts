// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../platform.ts';

/** An archive that the client sends. */
export interface ImageImportStream {
  /** Id of the stream that carries it. */
  stream: string;
  /** Type of the archive; empty finds out. */
  mediaType: string;
  /** Compress layers that come uncompressed. */
  forceCompress: boolean;
}

/** An archive that the server sends. */
export interface ImageExportStream {
  /** Id of the stream that takes it. */
  stream: string;
  /** Type of the archive; empty for an OCI layout. */
  mediaType: string;
  /** Platforms to take; none takes the server's own. */
  platforms: api_types_platform.Platform[];
  /** Take all. */
  allPlatforms: boolean;
  /** Leave out the manifest.json that Docker reads. */
  skipCompatibilityManifest: boolean;
  /** Leave out layers whose licence forbids passing them on. */
  skipNonDistributable: boolean;
}
