// Generated from the .proto files by `npm run proto`; do not edit.

export interface Platform {
  os: string;
  architecture: string;
  variant: string;
  osVersion: string;
  osFeatures: string[];
}
