import { isDigest } from '../base/digest.ts';
import { invalidArgument } from '../base/errors.ts';
import type { Platform } from './platform.ts';

/** What Gantry uses of an image's config document. */
export interface ImageConfig {
  readonly platform: Platform;
  /** `user`, `uid`, `user:group` … exactly as the image has it; empty for root. */
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Empty when the image has none. */
  readonly workingDir: string;
  /** Empty when the image has none. */
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly string[];
}

/**
 * Reads an image config. The document comes from whoever made the image, so every field that is used is checked.
 * @throws GantryError invalid-argument, naming the field
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = asRecord(parseJson(bytes), 'image config');
  const config = asRecord(document['config'] ?? {}, 'config');
  const rootfs = asRecord(document['rootfs'] ?? {}, 'rootfs');
  const diffIds = asStrings(rootfs['diff_ids'], 'rootfs.diff_ids');
  for (const diffId of diffIds) {
    if (!isDigest(diffId))
      throw invalidArgument(`image config: rootfs.diff_ids has "${diffId}", which is not a digest`);
  }
  const variant = asString(document['variant'], 'variant');
  return {
    platform: {
      os: asString(document['os'], 'os'),
      architecture: asString(document['architecture'], 'architecture'),
      ...(variant === '' ? {} : { variant }),
    },
    user: asString(config['User'], 'config.User'),
    env: asStrings(config['Env'], 'config.Env'),
    entrypoint: asStrings(config['Entrypoint'], 'config.Entrypoint'),
    cmd: asStrings(config['Cmd'], 'config.Cmd'),
    workingDir: asString(config['WorkingDir'], 'config.WorkingDir'),
    stopSignal: asString(config['StopSignal'], 'config.StopSignal'),
    labels: asLabels(config['Labels'], 'config.Labels'),
    diffIds,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalidArgument(`image config is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(what, 'an object');
  return value as Record<string, unknown>;
}

function asString(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrongType(what, 'a string');
  return value;
}

function asStrings(value: unknown, what: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw wrongType(what, 'a list of strings');
  return value;
}

function asLabels(value: unknown, what: string): Record<string, string> {
  const entries = Object.entries(asRecord(value ?? {}, what));
  return Object.fromEntries(entries.map(([key, text]) => [key, asString(text, `${what}.${key}`)]));
}

function wrongType(what: string, expected: string) {
  return invalidArgument(`image config: ${what} is not ${expected}`);
}
