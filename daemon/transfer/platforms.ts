import { invalidArgument } from '../../base/errors.ts';
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
 * unpacked there, else the first that takes it. As in containerd a wish that nothing is found for is passed over, and
 * `onRefused` told of it, but not all of them.
 * @throws GantryError invalid-argument when nothing was found for any
 */
export function chooseUnpacks(
  wishes: readonly UnpackConfiguration[],
  rules: UnpackRules,
  onRefused: (wish: string) => void,
): UnpackTo[] {
  const found = wishes.map((wish) => ({ wish, to: chooseUnpack(wish, rules) }));
  const texts = found.filter(({ to }) => to === undefined).map(({ wish }) => textOf(wish));
  if (texts.length > 0 && texts.length === wishes.length) {
    throw invalidArgument(`unpacking ${texts.join(', ')} is not configured`);
  }
  texts.forEach(onRefused);
  return found.flatMap(({ to }) => to ?? []);
}

function chooseUnpack(wish: UnpackConfiguration, rules: UnpackRules): UnpackTo | undefined {
  const platform = platformOf(wish.platform);
  const fitting = rules.unpacks.filter((rule) => isFor(rule.platform, platform, rules));
  const name = wish.snapshotter === '' ? defaultSnapshotter : wish.snapshotter;
  const rule =
    fitting.find(({ snapshotter }) => snapshotter === name) ?? (wish.snapshotter === '' ? fitting[0] : undefined);
  return rule && { platform, snapshotter: rule.snapshotter };
}

function textOf({ platform, snapshotter }: UnpackConfiguration): string {
  const text = formatPlatform(platformOf(platform));
  return snapshotter === '' ? text : `${text} to ${snapshotter}`;
}

function isFor(supported: Platform, platform: Platform, { checkPlatformSupported }: UnpackRules): boolean {
  return checkPlatformSupported ? rankPlatform(supported, platform) !== undefined : supported.os === platform.os;
}
