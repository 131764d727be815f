// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../platform.ts';

export interface ImageImportStream {
  stream: string;
  mediaType: string;
  forceCompress: boolean;
}

export interface ImageExportStream {
  stream: string;
  mediaType: string;
  platforms: api_types_platform.Platform[];
  allPlatforms: boolean;
  skipCompatibilityManifest: boolean;
  skipNonDistributable: boolean;
}
