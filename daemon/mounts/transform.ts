import type { ActiveMount, Mount } from '../../proto/gen/api/types/mount.ts';
import { formatMount } from './format.ts';
import { makeDirectories } from './mkdir.ts';
import { makeFileSystem } from './mkfs.ts';

/** What the steps before a mount may do and need to know. */
export interface TransformOptions {
  /** Directories below which they may make files. */
  readonly roots: readonly string[];
  readonly signal: AbortSignal;
}

type Transform = (mount: Mount, active: readonly ActiveMount[], options: TransformOptions) => Promise<Mount>;

/** Steps by the word that asks for them: a mount of type `mkfs/format/ext4` goes through two and is one of type ext4. */
const transforms: Readonly<Record<string, Transform>> = {
  format: async (mount, active) => formatMount(mount, active),
  mkdir: (mount, _active, { roots }) => makeDirectories(mount, roots),
  mkfs: (mount, _active, { roots, signal }) => makeFileSystem(mount, roots, { signal }),
};

/** The steps that a mount's type asks for, first to last, and the type that is left. An unknown word is part of the type. */
export function transformsOf(type: string): { steps: Transform[]; type: string } {
  const steps: Transform[] = [];
  let rest = type;
  for (;;) {
    const slash = rest.indexOf('/');
    const word = rest.slice(0, Math.max(slash, 0));
    const step = Object.hasOwn(transforms, word) ? transforms[word] : undefined;
    if (step === undefined) return { steps, type: rest };
    steps.push(step);
    rest = rest.slice(slash + 1);
  }
}

/** The mount as it can be made, now that those before it are. */
export async function transform(
  mount: Mount,
  active: readonly ActiveMount[],
  options: TransformOptions,
): Promise<Mount> {
  const { steps, type } = transformsOf(mount.type);
  let result = { ...mount, type };
  for (const step of steps) result = await step(result, active, options);
  return result;
}
