import { parseDuration } from '../../base/duration.ts';
import { nsFromTimestamp, timestampFromRfc3339 } from '../../proto/timestamp.ts';
import { type NodeId, nodeId } from './node.ts';

/** The family of labels that speaks to the collector. */
const family = 'containerd.io/gc.';

export type Labels = Readonly<Record<string, string>>;

/** A link that holds only while the target was used within, or longer ago than, some time. */
export interface Condition {
  readonly target: NodeId;
  readonly operator: '<' | '>';
  /** Nanoseconds since the target's last use. */
  readonly ageNs: bigint;
}

/** What the labels of a resource say to the collector. */
export interface Links {
  /** Kept alive by the resource. */
  readonly references: readonly NodeId[];
  /** Keep the resource alive. */
  readonly backReferences: readonly NodeId[];
  readonly conditions: readonly Condition[];
  /** Kept without anything referring to it. */
  readonly isRoot: boolean;
  /** When the resource says it was last used, in nanoseconds since the epoch; conditions of others ask for it. */
  readonly usedAtNs: readonly bigint[];
}

const none: Links = { references: [], backReferences: [], conditions: [], isRoot: false, usedAtNs: [] };

/** Reads the labels of a resource. Labels that no rule knows, or whose value makes no sense, say nothing. */
export function linksOf(namespace: string, labels: Labels): Links {
  const names = Object.keys(labels).filter((name) => name.startsWith(family));
  if (names.length === 0) return none;
  const links = {
    references: [] as NodeId[],
    backReferences: [] as NodeId[],
    conditions: [] as Condition[],
    isRoot: false,
    usedAtNs: [] as bigint[],
  };
  for (const name of names) {
    const rest = name.slice(family.length);
    const value = labels[name] ?? '';
    // As containerd does, the name of a root or a time of use may go on in any way.
    if (rest.startsWith('root')) links.isRoot = true;
    else if (rest.startsWith('ref.')) links.references.push(...target(namespace, rest.slice(4), value, false));
    else if (rest.startsWith('bref.')) links.backReferences.push(...target(namespace, rest.slice(5), value, true));
    else if (rest.startsWith('cond.snapshot')) links.conditions.push(...conditions(namespace, rest.slice(13), value));
    else if (rest.startsWith('cond.value-usedat')) links.usedAtNs.push(...time(value));
  }
  return links;
}

/**
 * The node that a label names, each with `.X` or `/X`: `content`, `image`, forwards also `mount`, backwards `container`; or
 * a snapshot.
 */
function target(namespace: string, name: string, value: string, backwards: boolean): NodeId[] {
  if (name.startsWith('snapshot.')) return [snapshot(namespace, name.slice('snapshot.'.length), value)];
  const type = /^(content|image|container|mount)(?:[./]|$)/.exec(name)?.[1];
  if (type === 'content' || type === 'image') return [nodeId(type, namespace, value)];
  return type === (backwards ? 'container' : 'mount') ? [nodeId(type, namespace, value)] : [];
}

/** The snapshotter's name ends at a slash, if there is one; what follows only tells labels apart. */
function snapshot(namespace: string, name: string, key: string): NodeId {
  return nodeId('snapshot', namespace, `${name.split('/', 1)[0]}/${key}`);
}

/** Of `usedat<24h,usedat>48h|KEY`; one condition that holds is enough. */
function conditions(namespace: string, name: string, value: string): Condition[] {
  const bar = value.indexOf('|');
  if (bar < 0) return [];
  const to = snapshot(namespace, name.replace(/^[./]+/, ''), value.slice(bar + 1));
  return value
    .slice(0, bar)
    .split(',')
    .flatMap((text) => {
      const [, operator, duration = ''] = /^usedat([<>])(?!=)(.*)$/s.exec(text) ?? [];
      const ageNs = parseDuration(duration);
      if (ageNs === undefined || (operator !== '<' && operator !== '>')) return [];
      return [{ target: to, operator, ageNs } as const];
    });
}

/** Nanoseconds of an RFC 3339 time, or nothing. */
function time(value: string): bigint[] {
  const ns = timeNs(value);
  return ns === undefined ? [] : [ns];
}

/** Nanoseconds of an RFC 3339 time; undefined for any other text. */
export function timeNs(text: string): bigint | undefined {
  try {
    return nsFromTimestamp(timestampFromRfc3339(text));
  } catch {
    return undefined;
  }
}
