import { expect, test } from 'vitest';
import { GantryError } from './errors.ts';
import { withUndo } from './undo.ts';

test('a failure takes the steps back in reverse order', async () => {
  const undone: string[] = [];
  const failing = withUndo(async (undo) => {
    undo.push('remove a', () => void undone.push('a'));
    undo.push('remove b', () => void undone.push('b'));
    throw new GantryError('not-found', 'no c');
  });
  await expect(failing).rejects.toMatchObject({ kind: 'not-found', message: 'no c' });
  expect(undone).toEqual(['b', 'a']);
});

test('success takes nothing back', async () => {
  const result = await withUndo(async (undo) => {
    undo.push('fail the test', () => expect.unreachable());
    return 7;
  });
  expect(result).toBe(7);
});

test('a failing undo is reported beside the first failure and does not stop the others', async () => {
  const undone: string[] = [];
  const failing = withUndo(async (undo) => {
    undo.push('remove a', () => void undone.push('a'));
    undo.push('unmount b', () => {
      throw new Error('busy');
    });
    throw new GantryError('internal', 'first');
  });
  await expect(failing).rejects.toMatchObject({
    kind: 'internal',
    message: 'first (clean-up failed: could not unmount b: busy)',
  });
  expect(undone).toEqual(['a']);
});
