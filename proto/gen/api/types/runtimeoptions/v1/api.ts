// Generated from the .proto files by `npm run proto`; do not edit.

/** A configuration in the runtime's own form. */
export interface Options {
  /** Type of config_body. */
  typeUrl: string;
  /** File with the configuration; empty means that config_body holds it. */
  configPath: string;
  /** The configuration itself, TOML unless type_url says otherwise. */
  configBody: Buffer;
}
