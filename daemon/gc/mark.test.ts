import { describe, expect, test } from 'vitest';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';
import { Graph } from './graph.ts';
import type { Labels } from './links.ts';
import { Marking } from './mark.ts';
import { flat, type NodeId, partsOfNode } from './node.ts';

const hourNs = 3_600_000_000_000n;
const nowNs = 1_700_000_000_000_000_000n;
const ago = (ns: bigint) => rfc3339FromTimestamp(timestampFromNs(nowNs - ns));
const time = timestampFromNs(nowNs);

const gc = (labels: Labels) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`containerd.io/gc.${name}`, value]));

/** Draws a graph in the namespace `ns`; labels are named without their common prefix. */
class Drawing {
  readonly graph = new Graph(nowNs);

  blob(digest: string, labels: Labels = {}): this {
    this.graph.blob('ns', { digest, size: 1, createdAt: time, updatedAt: time, labels: gc(labels) });
    return this;
  }

  image(name: string, digest: string, labels: Labels = {}): this {
    const target = { mediaType: 'm', digest, size: 1, annotations: {} };
    this.graph.image('ns', { name, labels: gc(labels), target, createdAt: time, updatedAt: time });
    return this;
  }

  snapshot(key: string, parent = '', labels: Labels = {}): this {
    const record = { backendKey: key, parent, createdAt: time, updatedAt: time, labels: gc(labels) };
    this.graph.snapshot('ns', 'o', key, record);
    return this;
  }

  container(id: string, snapshotKey: string, labels: Labels = {}): this {
    const rest = {
      image: '',
      runtime: null,
      spec: null,
      createdAt: time,
      updatedAt: time,
      extensions: {},
      sandbox: '',
    };
    const snapshotter = snapshotKey === '' ? '' : 'o';
    this.graph.container('ns', { ...rest, id, snapshotter, snapshotKey, labels: gc(labels) });
    return this;
  }

  lease(id: string, labels: Labels, ...resources: readonly (readonly [type: string, id: string])[]): this {
    this.graph.lease('ns', { id, createdAt: time, labels: gc(labels) });
    for (const [type, resource] of resources) this.graph.leased('ns', id, type, resource);
    return this;
  }

  /** Names of the resources that are in use, such as `image:i`. */
  get used(): string[] {
    const marking = new Marking((node) => this.graph.references(node));
    marking.shade(this.graph.roots);
    marking.advance();
    return this.#names((node) => marking.isReachable(node));
  }

  #names(keep: (node: NodeId) => boolean): string[] {
    const parts = [...this.graph.nodes].filter(keep).map(partsOfNode);
    return parts.map(({ type, key }) => `${type}:${key}`).sort();
  }
}

describe('marking', () => {
  const references: Record<string, string[]> = { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['a'], e: ['f', 'e'], f: [] };
  const marking = () => new Marking((node) => references[node] ?? []);

  test('reaches all that roots refer to, circles and shared ends included', () => {
    const all = marking();
    all.shade(['a']);
    expect(all.advance()).toBe(false);
    expect(Object.keys(references).filter((node) => all.isReachable(node))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('can be advanced in slices, with roots added between them', () => {
    const slow = marking();
    slow.shade(['a']);
    expect(slow.advance(1)).toBe(true);
    expect(slow.isReachable('b')).toBe(false);
    slow.shade(['e']);
    while (slow.advance(1));
    expect(Object.keys(references).every((node) => slow.isReachable(node))).toBe(true);
  });

  test('follows the references of a node again that has got others', () => {
    const changing: Record<string, string[]> = { a: [] };
    const again = new Marking((node) => changing[node] ?? []);
    again.shade(['a']);
    again.advance();
    changing['a'] = ['b'];
    again.shade(['a']);
    expect(again.advance()).toBe(false);
    expect(again.isReachable('b')).toBe(false);
    again.shadeAgain('a');
    again.advance();
    expect(again.isReachable('b')).toBe(true);
  });

  test('keeps a resource that is reached flat, but not what it refers to', () => {
    const flatOnly = new Marking((node) => (node === 'a' ? ['b'] : []));
    flatOnly.shade([flat('a')]);
    flatOnly.advance();
    expect([flatOnly.isReachable('a'), flatOnly.isReachable('b')]).toEqual([true, false]);
    flatOnly.shade(['a']);
    flatOnly.advance();
    expect(flatOnly.isReachable('b')).toBe(true);
  });
});

test('nothing is in use without a root', () => {
  const drawing = new Drawing().blob('m', { 'ref.content.0': 'l' }).blob('l').snapshot('s');
  expect(drawing.used).toEqual([]);
});

test('an image keeps its tree: manifest, config, layers, and the snapshots of the config', () => {
  const drawing = new Drawing()
    .image('i', 'manifest')
    .blob('manifest', { 'ref.content.config': 'config', 'ref.content.l.0': 'layer' })
    .blob('config', { 'ref.snapshot.o': 'top' })
    .blob('layer')
    .blob('other')
    .snapshot('base')
    .snapshot('top', 'base')
    .snapshot('above', 'top');
  expect(drawing.used).toEqual([
    ...['content:config', 'content:layer', 'content:manifest'],
    ...['image:i', 'snapshot:o/base', 'snapshot:o/top'],
  ]);
});

test('a container keeps its snapshot with all below it, and what its labels name', () => {
  const drawing = new Drawing()
    .container('c', 'rw', { 'ref.content': 'd' })
    .container('bare', '')
    .snapshot('base')
    .snapshot('rw', 'base')
    .blob('d');
  expect(drawing.used).toEqual(['container:bare', 'container:c', 'content:d', 'snapshot:o/base', 'snapshot:o/rw']);
});

test('gc.root keeps content and snapshots, and nothing of the kind keeps an expired image', () => {
  const drawing = new Drawing()
    .blob('r', { root: '2020', 'ref.content': 'd' })
    .blob('d')
    .snapshot('s', '', { root: 'x' })
    .image('i', 'd', { root: 'x', expire: ago(1n) });
  expect(drawing.used).toEqual(['content:d', 'content:r', 'snapshot:o/s']);
});

test('a lease keeps all it holds and what that refers to', () => {
  const drawing = new Drawing()
    .blob('m', { 'ref.content.0': 'l' })
    .blob('l')
    .snapshot('base')
    .snapshot('s', 'base', { 'ref.content': 'of-s' })
    .blob('of-s')
    .image('expired', 'm', { expire: ago(hourNs) })
    .lease('lease', {}, ['content', 'm'], ['snapshots/o', 's'], ['images', 'expired'], ['ingests', 'r']);
  drawing.graph.ingest('ns', 'r', { backendRef: 'b' }, false);
  expect(drawing.used).toEqual([
    ...['content:l', 'content:m', 'content:of-s', 'image:expired', 'ingest:r', 'lease:lease'],
    ...['snapshot:o/base', 'snapshot:o/s'],
  ]);
});

test('a flat lease keeps what it holds, parents of snapshots and targets of images, but follows no label', () => {
  const drawing = new Drawing()
    .blob('m', { 'ref.content.0': 'l' })
    .blob('l')
    .blob('of-s')
    .blob('t', { 'ref.content': 'l' })
    .blob('of-i')
    .snapshot('base')
    .snapshot('s', 'base', { 'ref.content': 'of-s' })
    .image('i', 't', { expire: ago(hourNs), 'ref.content': 'of-i' })
    .lease('lease', { flat: 'x' }, ['content', 'm'], ['snapshots/o', 's'], ['images', 'i']);
  expect(drawing.used).toEqual([
    ...['content:m', 'content:t', 'image:i', 'lease:lease', 'snapshot:o/base', 'snapshot:o/s'],
  ]);
});

test('leases and images expire after their time, and one that cannot be read is none', () => {
  const drawing = new Drawing()
    .lease('past', { expire: ago(1n) }, ['content', 'a'])
    .lease('now', { expire: ago(0n) }, ['content', 'b'])
    .lease('odd', { expire: 'tomorrow' }, ['content', 'c'])
    .image('past', 'd', { expire: ago(1n) })
    .image('future', 'e', { expire: ago(-hourNs) })
    .image('odd', 'f', { expire: 'never' });
  for (const digest of 'abcdef') drawing.blob(digest);
  expect(drawing.used).toEqual([
    ...['content:b', 'content:c', 'content:e', 'content:f'],
    ...['image:future', 'image:odd', 'lease:now', 'lease:odd'],
  ]);
});

test('an ingest is in use until it expires, or while a lease or a writer holds it', () => {
  const nowMs = Number(nowNs / 1_000_000n);
  const drawing = new Drawing().blob('lent');
  const { graph } = drawing;
  graph.ingest('ns', 'fresh', { backendRef: '1', expiresAtMs: nowMs, sharedDigest: 'lent' }, false);
  graph.ingest('ns', 'old', { backendRef: '2', expiresAtMs: nowMs - 1 }, false);
  graph.ingest('ns', 'open', { backendRef: '3', expiresAtMs: nowMs - 1 }, true);
  graph.ingest('ns', 'unleased', { backendRef: '4' }, false);
  expect(drawing.used).toEqual(['content:lent', 'ingest:fresh', 'ingest:open']);
});

test('a back reference keeps its bearer while what it names is kept', () => {
  const drawing = new Drawing()
    .image('live', 'x')
    .image('expired', 'x', { expire: ago(hourNs), 'bref.container': 'c' })
    .container('c', '')
    .blob('of-live', { 'bref.image.sbom': 'live', 'ref.content': 'deeper' })
    .blob('deeper')
    .blob('of-none', { 'bref.image': 'gone' })
    .snapshot('of-content', '', { 'bref.content': 'of-live' })
    .snapshot('of-snapshot', '', { 'bref.snapshot.o': 'of-content' })
    .snapshot('of-other', '', { 'bref.snapshot.p': 'of-content' });
  expect(drawing.used).toEqual([
    ...['container:c', 'content:deeper', 'content:of-live', 'image:expired', 'image:live'],
    ...['snapshot:o/of-content', 'snapshot:o/of-snapshot'],
  ]);
});

test.each([
  ['usedat<2h', [1], true],
  ['usedat<2h', [3], false],
  ['usedat>2h', [3], true],
  ['usedat>2h', [1], false],
  ['usedat<1h,usedat>2h', [3], true],
  ['usedat<2h', [], false],
])('an image with the condition %s and a snapshot used %j hours ago: kept is %s', (condition, hours, kept) => {
  const labels = Object.fromEntries(hours.map((h) => ['cond.value-usedat', ago(BigInt(h) * hourNs)]));
  const drawing = new Drawing().image('i', 'x', { 'cond.snapshot.o': `${condition}|s` }).snapshot('s', '', labels);
  expect(drawing.used.includes('snapshot:o/s')).toBe(kept);
});

test('a condition holds only while its bearer is kept', () => {
  const drawing = new Drawing()
    .blob('dead', { 'cond.snapshot.o/x': 'usedat<2h|s' })
    .snapshot('s', '', { 'cond.value-usedat': ago(hourNs) });
  expect(drawing.used).toEqual([]);
});

test('a sandbox keeps what its labels name', () => {
  const drawing = new Drawing().blob('d').blob('e').snapshot('s');
  drawing.graph.sandbox('ns', {
    ...{ sandboxId: 'p', runtime: null, spec: null, createdAt: time, updatedAt: time, extensions: {}, sandboxer: '' },
    labels: gc({ 'ref.content': 'd', 'ref.snapshot.o': 's', 'bref.content': 'e' }),
  });
  expect(drawing.used).toEqual(['content:d', 'snapshot:o/s']);
});

test('namespaces do not refer to each other', () => {
  const drawing = new Drawing().image('i', 'd');
  drawing.graph.blob('other', { digest: 'd', size: 1, createdAt: time, updatedAt: time, labels: {} });
  expect(drawing.used).toEqual(['image:i']);
});
