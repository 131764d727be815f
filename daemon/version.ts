import manifest from '../package.json' with { type: 'json' };

/** Gantry's own version, as Version.Version answers it. */
export const version: string = manifest.version;

/** The commit the daemon was built from; the build puts it in the environment of the bundle. */
export const revision: string = process.env['GANTRY_REVISION'] ?? '';
