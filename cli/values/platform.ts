import type { Command } from 'commander';
import { invalidArgument } from '../../base/errors.ts';
import { type Platform, parsePlatform } from '../../image/platform.ts';

/** The options of commands that work on some platforms of an image. */
export interface PlatformOptions {
  readonly platform?: string[];
  readonly allPlatforms?: boolean;
}

/** @param words what the options say of a platform, and of all */
export function addPlatformOptions(
  command: Command,
  { platform, all }: { platform: string; all: string } = {
    platform: 'instead of that of this machine',
    all: 'all there are',
  },
): void {
  command
    .option('--platform <platform>', `os/architecture[/variant] ${platform}; repeatable`, repeated)
    .option('--all-platforms', all);
}

/** Undefined for the platform of this machine. @throws GantryError invalid-argument */
export function parsePlatforms({ platform, allPlatforms }: PlatformOptions): readonly Platform[] | 'all' | undefined {
  if (allPlatforms && platform !== undefined) {
    throw invalidArgument('--platform and --all-platforms exclude each other');
  }
  return allPlatforms ? 'all' : platform?.map(parsePlatform);
}

/** A list, as for a repeated option, may also be separated by commas. */
export function repeated(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(',')];
}
