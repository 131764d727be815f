import { invalidArgument } from '../base/errors.ts';

/** What a manifest runs on, in the words of the OCI image spec. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  ia32: '386',
  i386: '386',
};

const impliedVariants: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1' };
/** Debian's names of ARM machines with and without a floating point unit say which variant it is. */
const floatVariants: ReadonlyMap<string, string> = new Map([
  ['armhf', 'v7'],
  ['armel', 'v6'],
]);
const componentPattern = /^[A-Za-z0-9_-]+$/;

/** The platform of this machine. */
export function hostPlatform(): Platform {
  return normalizePlatform({ os: process.platform, architecture: process.arch });
}

/**
 * Reads `os/architecture[/variant]`.
 * @throws GantryError invalid-argument for any other form
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/');
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])];
  if (rest.length > 0 || !parts.every((part) => part !== undefined && componentPattern.test(part))) {
    throw invalidArgument(`platform "${text}": must be os/architecture or os/architecture/variant`);
  }
  return normalizePlatform({
    os: os ?? '',
    architecture: architecture ?? '',
    ...(variant === undefined ? {} : { variant }),
  });
}

/** The text form; the variant that goes without saying is left out. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * How well something for `offered` runs on `wanted`: 0 is best, higher is worse, undefined is not at all. A 64-bit machine
 * runs 32-bit programs, and an ARM machine those of older variants.
 */
export function rankPlatform(wanted: Platform, offered: Platform): number | undefined {
  const text = formatPlatform(offered);
  const rank = runnable(normalizePlatform(wanted)).findIndex((platform) => formatPlatform(platform) === text);
  return rank === -1 ? undefined : rank;
}

/** Lower case, aliases resolved, and the variant that every machine of the kind has left out (`arm64/v8` is `arm64`). */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase().replace(/^macos$/, 'darwin');
  const lower = platform.architecture.toLowerCase();
  const architecture = Object.hasOwn(architectures, lower) ? (architectures[lower] ?? lower) : lower;
  if (architecture === '386') return { os, architecture };
  const variant = floatVariants.get(lower) ?? (platform.variant?.toLowerCase() ?? '').replace(/^(?=\d$)/, 'v');
  if (architecture === 'arm') return { os, architecture, variant: variant === '' ? 'v7' : variant };
  return variant === '' || variant === impliedVariants[architecture]
    ? { os, architecture }
    : { os, architecture, variant };
}

function runnable(wanted: Platform): Platform[] {
  const { os, architecture, variant } = wanted;
  if (architecture === 'amd64') return [...amd64Levels(os, variant), { os, architecture: '386' }];
  if (architecture === 'arm64') return [wanted, ...armVariants(os, 8)];
  if (architecture === 'arm') return armVariants(os, Number(/^v([5-8])$/.exec(variant ?? '')?.[1] ?? 7));
  return [wanted];
}

function amd64Levels(os: string, variant: string | undefined): Platform[] {
  const level = Number(/^v([2-4])$/.exec(variant ?? '')?.[1] ?? 1);
  return Array.from({ length: level }, (_, step) =>
    normalizePlatform({ os, architecture: 'amd64', variant: `v${level - step}` }),
  );
}

function armVariants(os: string, newest: number): Platform[] {
  return Array.from({ length: newest - 4 }, (_, step) => ({ os, architecture: 'arm', variant: `v${newest - step}` }));
}
