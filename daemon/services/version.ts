import { revision, version } from '../version.ts';

/** Answers which Gantry this is; needs no namespace. */
export class VersionService {
  version(): { version: string; revision: string } {
    return { version, revision };
  }
}
