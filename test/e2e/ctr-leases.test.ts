import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';

const { scenario } = bothDaemons();

scenario('leases create, list and remove', async ({ ctr, normalise }) => {
  expect(await ctr.ok('leases', 'create', '--id', 'lease-a', 'colour=red')).toBe('lease-a\n');
  expect(await ctr.ok('leases', 'create', '--id', 'lease-b', '--expires', '1h')).toBe('lease-b\n');
  const listed = normalise(await ctr.ok('leases', 'ls'));
  expect(listed).toMatch(/lease-a <time>\s+colour=red,containerd\.io\/gc\.expire=<time>/);
  const filtered = await ctr.ok('leases', 'ls', '-q', 'labels.colour==red');
  expect(filtered).toBe('lease-a\n');
  const removed = await ctr.ok('leases', 'rm', 'lease-a', 'lease-b');
  expect(await ctr.ok('leases', 'ls', '-q')).toBe('');
  return { listed, removed };
});

scenario('a lease gets a name of its own if it is given none', async ({ ctr }) => {
  const [first, second] = [await ctr.ok('leases', 'create'), await ctr.ok('leases', 'create')];
  expect(first).not.toBe(second);
  expect((await ctr.ok('leases', 'ls', '-q')).split('\n').sort()).toEqual(['', first.trim(), second.trim()].sort());
  await ctr.ok('leases', 'rm', '--sync', first.trim(), second.trim());
});

scenario('a second lease of the same name is refused', async ({ ctr }) => {
  await ctr.ok('leases', 'create', '--id', 'lease-dup');
  const error = await ctr.fails('leases', 'create', '--id', 'lease-dup');
  expect(error).toContain('already exists');
  await ctr.ok('leases', 'rm', 'lease-dup');
  return error;
});

scenario('leases of one namespace are not seen in another', async ({ ctr }) => {
  await ctr.ok('leases', 'create', '--id', 'lease-mine');
  expect(await ctr.in('elsewhere').ok('leases', 'ls', '-q')).toBe('');
  await ctr.ok('leases', 'rm', 'lease-mine');
});

scenario('removing a lease that does not exist fails', async ({ ctr }) => ctr.fails('leases', 'rm', 'lease-absent'));
