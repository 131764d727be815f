import { invalidArgument } from '../../base/errors.ts';
import type { ImageRecord } from '../../client/image/store.ts';
import { familiarReference } from '../../image/reference.ts';

/** What of filters the daemon is asked for, and what is left to be done here. */
export interface ImageFilters {
  readonly matches: (image: ImageRecord) => boolean;
  /** Filters in containerd's language. */
  readonly native: readonly string[];
}

/**
 * Reads docker's `reference=PATTERN` and `label=KEY[=VALUE]`; everything else is taken as containerd's language. All docker's
 * filters have to match, and any of containerd's.
 * @throws GantryError invalid-argument for docker's others
 */
export function parseImageFilters(texts: readonly string[]): ImageFilters {
  const matchers: ((image: ImageRecord) => boolean)[] = [];
  const native: string[] = [];
  for (const text of texts) {
    const [, key = '', value = ''] = /^([a-z]+)=([^=].*)$/s.exec(text) ?? [];
    if (key === 'reference') matchers.push(byReference(value));
    else if (key === 'label') matchers.push(byLabel(value));
    else if (['dangling', 'before', 'since', 'until'].includes(key)) {
      throw invalidArgument(`filter "${text}": reference=, label= and containerd's own are known`);
    } else native.push(text);
  }
  return { matches: (image) => matchers.every((matcher) => matcher(image)), native };
}

/** A repository stands for all of its tags; people give names as they are shown or in full. */
function byReference(pattern: string): (image: ImageRecord) => boolean {
  return ({ name }) => {
    const names = [name, familiarReference(name)];
    return names.some((full) => isLike(full, pattern) || isLike(full.replace(/@.*$|:[^/:]*$/, ''), pattern));
  };
}

function byLabel(text: string): (image: ImageRecord) => boolean {
  const equals = text.indexOf('=');
  const key = equals === -1 ? text : text.slice(0, equals);
  return ({ labels }) => Object.hasOwn(labels, key) && (equals === -1 || labels[key] === text.slice(equals + 1));
}

/** Whether `*`, anything, and `?`, any one character, in the pattern can be filled to make the text. Takes length × length. */
function isLike(text: string, pattern: string): boolean {
  // Of each beginning of the text, whether the pattern until now makes it.
  let makes = [true, ...Array.from(text, () => false)];
  for (const sign of pattern) {
    const before = makes;
    const shortest = before.indexOf(true);
    makes = before.map((_, length) => {
      if (sign === '*') return shortest !== -1 && shortest <= length;
      return length > 0 && before[length - 1] === true && (sign === '?' || sign === text[length - 1]);
    });
  }
  return makes.at(-1) === true;
}
