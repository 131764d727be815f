import { GantryError } from '../../base/errors.ts';
import type { ActiveMount, Mount } from '../../proto/gen/api/types/mount.ts';

const expression = /\{\{-?\s*(.*?)\s*-?\}\}/gs;
const call = /^(source|target|mount|overlay)((?:\s+-?\d+)+)$/;

/**
 * Fills in what earlier mounts have turned out to be, in source, target and options: `{{ mount 0 }}` is where the first
 * of them is mounted, `{{ source 0 }}` and `{{ target 0 }}` are its own, and `{{ overlay 2 0 }}` is the mount points of
 * the third down to the first, joined as an overlay wants its lower directories.
 * @throws GantryError unknown, as in containerd, for another expression or a mount that is not there
 */
export function formatMount(mount: Mount, active: readonly ActiveMount[]): Mount {
  const format = (text: string) => text.replaceAll(expression, (_, body: string) => evaluate(body, active));
  return {
    ...mount,
    source: format(mount.source),
    target: format(mount.target),
    options: mount.options.map(format),
  };
}

function evaluate(body: string, active: readonly ActiveMount[]): string {
  const [, name, numbers] = call.exec(body) ?? [];
  const [first = Number.NaN, last, ...rest] = (numbers ?? '').trim().split(/\s+/).map(Number);
  if (name === 'overlay' && last !== undefined && rest.length === 0) return range(first, last, active);
  if (name === undefined || name === 'overlay' || last !== undefined) {
    throw new GantryError('unknown', `cannot format mount: bad expression {{ ${body} }}`);
  }
  const found = active[first];
  if (found === undefined) {
    throw new GantryError('unknown', `index out of bounds: ${first}, has ${active.length} active mounts`);
  }
  if (name === 'mount') return found.mountPoint;
  return (name === 'source' ? found.mount?.source : found.mount?.target) ?? '';
}

function range(first: number, last: number, active: readonly ActiveMount[]): string {
  const low = Math.min(first, last);
  const high = Math.max(first, last);
  if (low < 0 || high >= active.length) {
    throw new GantryError('unknown', `invalid range: ${first}-${last}, has ${active.length} active mounts`);
  }
  const points = active.slice(low, high + 1).map(({ mountPoint }) => mountPoint);
  return (first > last ? points.reverse() : points).join(':');
}
