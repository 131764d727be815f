import { afterAll, beforeAll, describe, expect } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import type { Random } from '../helpers/random.ts';
import { anyName, anyText, property } from './fuzz.ts';
import { answer, StoreWorld } from './world.ts';

let world: StoreWorld;
beforeAll(async () => {
  world = await StoreWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

const runtime = { name: 'io.containerd.runc.v2' };
const spec = { typeUrl: 'x', value: Buffer.from('{}') };
const identifier = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;
const isIdentifier = (text: string) => text.length <= 76 && identifier.test(text);

const anyLabels = (random: Random) =>
  Object.fromEntries(Array.from({ length: random.below(4) }, () => [anyName(random), anyText(random, 2)]));

const stored = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

const anyPaths = (random: Random) =>
  Array.from({ length: random.below(4) }, () => {
    const first = random.pick([
      'labels',
      'labels.',
      'extensions',
      'spec',
      'image',
      'snapshotkey',
      'id',
      '',
      anyText(random),
    ]);
    return first === 'labels.' ? `labels.${anyName(random)}` : first;
  });

/** Labels after an update through these paths; undefined if one of them is not allowed. */
function expectedLabels(
  before: Record<string, string>,
  change: Record<string, string>,
  paths: readonly string[],
  others: readonly string[],
): Record<string, string> | undefined {
  let labels = paths.length === 0 ? change : before;
  for (const path of paths) {
    if (path === 'labels') labels = change;
    else if (path.startsWith('labels.')) {
      const key = path.slice('labels.'.length);
      const { [key]: _, ...rest } = labels;
      labels = Object.hasOwn(change, key) ? { ...rest, [key]: change[key] as string } : rest;
    } else if (!others.some((other) => path === other || (other === 'extensions' && path.startsWith('extensions.'))))
      return undefined;
  }
  return stored(labels);
}

describe('identifiers', () => {
  property('a container is made of a valid id only, and found under it', async (random) => {
    const id = anyName(random);
    const made = await answer(world.containers.Create({ container: { id, runtime, spec } }));
    if (!isIdentifier(id)) {
      expect(made.kind, JSON.stringify(id)).toBe('invalid-argument');
      expect((await answer(world.containers.Get({ id }))).kind).toMatch(/^(not-found|invalid-argument)$/);
      return;
    }
    expect(made.value?.container?.id).toBe(id);
    expect((await world.containers.Get({ id })).container?.id).toBe(id);
    await world.containers.Delete({ id });
  });

  property('a namespace is named by a header that is valid, or is refused', async (random) => {
    const namespace = anyName(random);
    // Other bytes, and spaces at the ends, cannot be in a header, so no client can send them.
    if (!/^[\x20-\x7e]*$/.test(namespace) || namespace !== namespace.trim()) return;
    const name = namespace.split(', ', 1)[0] ?? '';
    const listed = await answer(world.client.with({ namespace }).service(containersName).List({}));
    if (name === '') expect(listed.kind).toBe('failed-precondition');
    else if (isIdentifier(name)) expect(listed.value?.containers).toEqual([]);
    else expect(listed.kind, JSON.stringify(namespace)).toBe('invalid-argument');
  });
});

const containersName = 'containerd.services.containers.v1.Containers';

describe('labels and field masks', () => {
  property('of a container', async (random) => {
    const id = 'masked';
    const before = anyLabels(random);
    const change = anyLabels(random);
    const paths = anyPaths(random);
    await world.containers.Create({ container: { id, runtime, spec, labels: before, snapshotter: 'overlayfs' } });
    const updated = await answer(
      world.containers.Update({
        container: { id, runtime, spec, labels: change, snapshotter: 'overlayfs' },
        updateMask: { paths },
      }),
    );
    const expected = expectedLabels(stored(before), change, paths, ['extensions', 'spec', 'image', 'snapshotkey']);
    const { container } = await world.containers.Get({ id });
    await world.containers.Delete({ id });
    if (expected === undefined) expect(updated.kind, JSON.stringify(paths)).toBe('invalid-argument');
    else expect(updated.value?.container?.labels, JSON.stringify({ before, change, paths })).toEqual(expected);
    expect(container?.labels).toEqual(expected ?? stored(before));
  });

  property('of a sandbox', async (random) => {
    const sandboxId = 'masked';
    const before = anyLabels(random);
    const change = anyLabels(random);
    const fields = anyPaths(random);
    await world.sandboxes.Create({ sandbox: { sandboxId, runtime, labels: before } });
    const updated = await answer(world.sandboxes.Update({ sandbox: { sandboxId, runtime, labels: change }, fields }));
    const expected = expectedLabels(stored(before), change, fields, ['extensions', 'spec']);
    const { sandbox } = await world.sandboxes.Get({ sandboxId });
    await world.sandboxes.Delete({ sandboxId });
    if (expected === undefined) expect(updated.kind, JSON.stringify(fields)).toBe('invalid-argument');
    expect(sandbox?.labels, JSON.stringify({ before, change, fields })).toEqual(expected ?? stored(before));
  });

  property('of a namespace', async (random) => {
    const name = 'masked';
    const before = anyLabels(random);
    const change = anyLabels(random);
    const paths = anyPaths(random).filter((path) => path !== 'labels');
    await world.namespaces.Create({ namespace: { name, labels: before } });
    const updated = await answer(
      world.namespaces.Update({ namespace: { name, labels: change }, updateMask: { paths } }),
    );
    const expected = expectedLabels(stored(before), change, paths, []);
    const { namespace } = await world.namespaces.Get({ name });
    await world.namespaces.Delete({ name });
    if (expected === undefined) expect(updated.kind, JSON.stringify(paths)).toBe('invalid-argument');
    expect(namespace?.labels, JSON.stringify({ before, change, paths })).toEqual(expected ?? stored(before));
  });
});

describe('digests and refs', () => {
  property('a digest is found, absent or refused, and nothing else', async (random) => {
    const hex = sha256Of(String(random.below(5))).slice('sha256:'.length);
    const digest = random.pick([
      ...[`sha256:${hex}`, `SHA256:${hex}`, `sha256:${hex.toUpperCase()}`, `sha256:${hex.slice(1)}`, `sha512:${hex}`],
      ...[`sha256:../${hex.slice(3)}`, `sha256:${hex.slice(0, 32)}/${hex.slice(33)}`, hex, anyText(random)],
    ]);
    const isValid = digest === `sha256:${hex}`;
    const kind = isValid ? 'not-found' : 'invalid-argument';
    expect((await answer(world.content.Info({ digest }))).kind, JSON.stringify(digest)).toBe(kind);
    expect((await answer(world.content.Delete({ digest }))).kind).toBe(kind);
    expect((await answer(world.content.Update({ info: { digest } }))).kind).toBe(kind);
    expect((await answer(world.content.Read({ digest }).next())).kind).toBe(kind);
  });

  property('an ingest is known by the very ref it was begun with', async (random) => {
    const ref = anyText(random, 6);
    const data = Buffer.from(anyText(random));
    const write = world.content.Write(
      (async function* () {
        yield { action: 'WRITE' as const, ref, data };
      })(),
    );
    const begun = await answer(write.next());
    await write.return(undefined);
    // A NUL would part the key of the record.
    if (ref === '' || ref.includes('\0')) {
      expect(begun.kind, JSON.stringify(ref)).toBe('invalid-argument');
      return;
    }
    expect(begun.kind).toBeUndefined();
    const { status } = await world.content.Status({ ref });
    expect([status?.ref, status?.offset]).toEqual([ref, data.length]);
    const { statuses } = await world.content.ListStatuses({});
    expect(statuses.map((each) => each.ref)).toEqual([ref]);
    await world.content.Abort({ ref });
    expect((await answer(world.content.Status({ ref }))).kind).toBe('not-found');
  });
});
