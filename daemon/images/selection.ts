import { notFound } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { formatPlatform, type Platform, rankPlatform } from '../../image/platform.ts';

/** Which parts of an index are wanted. */
export interface Selection {
  /** Those that suit these best, most wanted first; none for all there are. */
  readonly platforms: readonly Platform[];
  /** Also the manifests and configs, but not the layers, of all others. */
  readonly allMetadata: boolean;
  /** Manifests to take of an index at most; 0 for no limit. */
  readonly manifestLimit: number;
}

/** A part of an index that is to come. */
export interface Selected {
  readonly descriptor: Descriptor;
  /** Without it, only what describes it is wanted. */
  readonly withLayers: boolean;
}

/**
 * What is wanted of an index, in its order, or by platform where only so many are.
 * @throws GantryError not-found when nothing suits, naming what there is
 */
export function select(index: Descriptor, children: readonly Descriptor[], selection: Selection): Selected[] {
  const { platforms, allMetadata, manifestLimit } = selection;
  const suiting = platforms.length === 0 ? children : children.filter((child) => isBest(child, children, platforms));
  if (suiting.length === 0 && (children.length > 0 || manifestLimit > 0))
    throw nothingSuits(index, children, platforms);
  const ordered = manifestLimit > 0 ? inOrder(suiting, platforms).slice(0, manifestLimit) : suiting;
  const chosen = new Set(ordered);
  if (!allMetadata || manifestLimit > 0) return ordered.map((descriptor) => ({ descriptor, withLayers: true }));
  return children.map((descriptor) => ({ descriptor, withLayers: chosen.has(descriptor) }));
}

/** Whether no other child suits one of the platforms better. One without a platform may be for any. */
function isBest(child: Descriptor, children: readonly Descriptor[], platforms: readonly Platform[]): boolean {
  if (child.platform === undefined) return true;
  return platforms.some((wanted) => {
    const rank = rankOf(child, wanted);
    return rank !== undefined && children.every((other) => (rankOf(other, wanted) ?? rank) >= rank);
  });
}

function rankOf({ platform }: Descriptor, wanted: Platform): number | undefined {
  return platform === undefined ? undefined : rankPlatform(wanted, platform);
}

/** By the first platform that they suit; those without a platform come last. */
function inOrder(children: readonly Descriptor[], platforms: readonly Platform[]): Descriptor[] {
  const place = (child: Descriptor) => {
    if (child.platform === undefined) return platforms.length + 1;
    const index = platforms.findIndex((wanted) => rankOf(child, wanted) !== undefined);
    return index < 0 ? platforms.length : index;
  };
  return children.toSorted((a, b) => place(a) - place(b));
}

function nothingSuits({ digest }: Descriptor, children: readonly Descriptor[], platforms: readonly Platform[]) {
  const names = children.map(({ platform }) => (platform === undefined ? 'unknown' : formatPlatform(platform)));
  const there = [...new Set(names)].filter((name) => !name.startsWith('unknown')).slice(0, 50);
  const wanted = platforms.map(formatPlatform).join(', ') || 'any platform';
  return notFound(`index ${digest}: no match for platform ${wanted}: there is ${there.join(', ') || 'none'}`);
}
