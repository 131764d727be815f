import { formatPlatform, hostPlatform, type Platform, rankPlatform } from '../../image/platform.ts';
import type { Platform as WirePlatform } from '../../proto/gen/api/types/platform.ts';
import type { UnpackConfiguration } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { UnpackTo } from '../images/pull.ts';

/** A platform as messages have it; what it leaves open is as on this machine. */
export function platformOf(platform: WirePlatform | null): Platform {
  const host = hostPlatform();
  const { os, architecture, variant } = platform ?? { os: '', architecture: '', variant: '' };
  if (architecture === '') return { ...host, os: os || host.os };
  return { os: os || host.os, architecture, ...(variant === '' ? {} : { variant }) };
}

/** What can be unpacked, and where to if the client leaves that open. */
export interface UnpackRules {
  /** Only what is for one of the platforms; otherwise what is for the same operating system. */
  readonly checkPlatformSupported: boolean;
  readonly unpacks: readonly UnpackTo[];
}

const defaultSnapshotter = 'overlayfs';

/**
 * Where to unpack what a client wants unpacked. Without a snapshotter it gets the default one, if the platform may be
 * unpacked there, else the first that takes it.
 * @returns what was found for each wish, and the wishes that nothing was found for
 */
export function chooseUnpacks(
  wishes: readonly UnpackConfiguration[],
  rules: UnpackRules,
): { readonly unpacks: readonly UnpackTo[]; readonly refused: readonly string[] } {
  const unpacks: UnpackTo[] = [];
  const refused: string[] = [];
  for (const wish of wishes) {
    const platform = platformOf(wish.platform);
    const fitting = rules.unpacks.filter((rule) => isFor(rule.platform, platform, rules));
    const found =
      wish.snapshotter === ''
        ? (fitting.find(({ snapshotter }) => snapshotter === defaultSnapshotter) ?? fitting[0])
        : fitting.find(({ snapshotter }) => snapshotter === wish.snapshotter);
    if (found === undefined) refused.push(`${formatPlatform(platform)} ${wish.snapshotter}`.trimEnd());
    else unpacks.push({ platform, snapshotter: found.snapshotter });
  }
  return { unpacks, refused };
}

function isFor(supported: Platform, platform: Platform, { checkPlatformSupported }: UnpackRules): boolean {
  return checkPlatformSupported ? rankPlatform(supported, platform) !== undefined : supported.os === platform.os;
}
