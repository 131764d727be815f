import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';

const { scenario } = bothDaemons();

/** Rows of a table whose first column starts so; other tests of the daemon may have made more. */
const rowsOf = (table: string, prefix: string) =>
  table.split('\n').filter((line) => line.startsWith('NAME') || line.startsWith(prefix));

scenario('namespaces create, list and label', async ({ ctr }) => {
  await ctr.ok('namespaces', 'create', 'ns-one', 'colour=red', 'size=big');
  await ctr.ok('namespaces', 'create', 'ns-two');
  const created = rowsOf(await ctr.ok('namespaces', 'ls'), 'ns-');
  expect(created.join('\n')).toMatch(/ns-one\s+colour=red,size=big/);
  await ctr.ok('namespaces', 'label', 'ns-one', 'colour=blue', 'size=');
  const labelled = rowsOf(await ctr.ok('namespaces', 'ls'), 'ns-');
  expect(labelled.join('\n')).toMatch(/ns-one\s+colour=blue\s*$/m);
  const quiet = await ctr.ok('namespaces', 'ls', '-q');
  expect(quiet.split('\n')).toEqual(expect.arrayContaining(['ns-one', 'ns-two']));
  const removed = await ctr.ok('namespaces', 'rm', 'ns-one', 'ns-two');
  expect(await ctr.ok('namespaces', 'ls', '-q')).not.toContain('ns-');
  return { created, labelled, removed };
});

scenario('a second namespace of the same name is refused', async ({ ctr }) => {
  await ctr.ok('namespaces', 'create', 'ns-dup');
  const error = await ctr.fails('namespaces', 'create', 'ns-dup');
  expect(error).toMatch(/namespace "ns-dup": already exists/);
  await ctr.ok('namespaces', 'rm', 'ns-dup');
  return error;
});

scenario('a bad name is refused', async ({ ctr }) => {
  const errors = [];
  for (const name of ['..', 'a/b', 'x'.repeat(77), '-x']) {
    const error = await ctr.fails('namespaces', 'create', '--', name);
    expect(error).toContain('invalid argument');
    // Releases after the peer's add a word.
    errors.push(error.replace('must match pattern', 'must match'));
  }
  return errors;
});

scenario('a namespace with an image in it cannot be removed', async ({ ctr }) => {
  await ctr.ok('namespaces', 'create', 'ns-full');
  await ctr.in('ns-full').ok('leases', 'create', '--id', 'held');
  const listed = await ctr.in('ns-full').ok('leases', 'ls', '-q');
  expect(listed).toBe('held\n');
  await ctr.in('ns-full').ok('leases', 'rm', 'held');
  await ctr.ok('namespaces', 'rm', 'ns-full');
  expect(await ctr.ok('namespaces', 'ls', '-q')).not.toContain('ns-full');
});

scenario('removing a namespace that does not exist is not an error', async ({ ctr }) => {
  return ctr.ok('namespaces', 'rm', 'ns-absent');
});
