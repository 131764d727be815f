import { fileURLToPath, pathToFileURL } from 'node:url';

/** What a log URI says. */
export interface LogUri {
  readonly format: 'raw' | 'json' | 'cri';
  readonly path: string;
  /** Path of the socket at which clients attach. */
  readonly attachPath?: string | undefined;
}

export interface JsonLogOptions {
  readonly path: string;
  /** Of one file; it is rotated before it gets larger. */
  readonly maxSizeBytes: number;
  /** Kept at most, the one being written included. */
  readonly maxFiles: number;
  readonly attachPath: string;
}

const formats: Readonly<Record<string, LogUri['format']>> = { 'file:': 'raw', 'json:': 'json', 'cri:': 'cri' };

/** The log URI by which our shim is told to write records to a file, and to let clients attach. */
export function jsonLogUri({ path, maxSizeBytes, maxFiles, attachPath }: JsonLogOptions): string {
  const query = new URLSearchParams({ max_size: `${maxSizeBytes}`, max_files: `${maxFiles}`, attach: attachPath });
  return `json://${pathToFileURL(path).pathname}?${query}`;
}

/** The log URI by which any shim is told to write to a file. */
export function fileLogUri(path: string): string {
  return pathToFileURL(path).href;
}

/** Takes a log URI apart, also one that another client made; undefined for what is not a file. */
export function parseLogUri(uri: string): LogUri | undefined {
  const [, scheme = '', rest = ''] = /^([a-z]+:)\/\/(\/.*)$/.exec(uri) ?? [];
  const format = formats[scheme];
  if (format === undefined) return undefined;
  const url = new URL(`file://${rest}`);
  return { format, path: fileURLToPath(url), attachPath: url.searchParams.get('attach') ?? undefined };
}
