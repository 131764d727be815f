import { expect, test } from 'vitest';
import type { TransferProgress } from '../../../client/transfer/progress.ts';
import { TransferLog } from './line.ts';
import { renderTransfer } from './render.ts';
import { TransferState } from './state.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const MiB = 1024 ** 2;

function progress(event: string, name: string, doneBytes = 0, totalBytes = 0): TransferProgress {
  return { event, name, parents: [], progress: doneBytes, total: totalBytes, desc: null };
}

function stateOf(...events: (readonly [atMs: number, ...Parameters<typeof progress>])[]): TransferState {
  const state = new TransferState();
  for (const [atMs, ...event] of events) state.update(progress(...event), atMs);
  return state;
}

const layer = (letter: string) => `layer-${digest(letter)}`;

const busy = () =>
  stateOf(
    [0, 'Resolving from x', ''],
    [0, 'fetching image content', 'docker.io/library/x:1'],
    [0, 'complete', `manifest-${digest('e')}`, 500, 500],
    [0, 'waiting', layer('a'), 0, 10 * MiB],
    [0, 'waiting', layer('b'), 0, 20 * MiB],
    [0, 'already exists', layer('c'), 5 * MiB, 5 * MiB],
    [1_000, 'downloading', layer('b'), 4 * MiB, 20 * MiB],
    [2_000, 'complete', layer('a'), 10 * MiB, 10 * MiB],
    [2_000, 'extracting', layer('a'), 5 * MiB, 10 * MiB],
  );

test('a wide terminal shows phase, bar, bytes, rate and time left', () => {
  expect(renderTransfer('x:1', busy(), { columns: 100, rows: 24 }, 2_000)).toEqual([
    'x:1',
    'layer    aaaaaaaaaaaa  unpacking    [===============               ]  5.0 MiB of 10.0 MiB',
    'layer    bbbbbbbbbbbb  downloading  [======                        ]  4.0 MiB of 20.0 MiB',
    'layer    cccccccccccc  is there     [==============================]  5.0 MiB',
    '14.0 MiB of 30.0 MiB, 7.0 MiB/s, 3 s left',
  ]);
});

test('a narrow one shows what fits', () => {
  expect(renderTransfer('registry.example/a:1', busy(), { columns: 60, rows: 24 }, 2_000)[2]).toBe(
    'layer    bbbbbbbbbbbb  downloading  4.0 MiB of 20.0 MiB',
  );
  expect(renderTransfer('registry.example/a:1', busy(), { columns: 20, rows: 24 }, 2_000)).toEqual([
    'registry.example/a…',
    'aaaaaaaaaaaa 50 %',
    'bbbbbbbbbbbb 20 %',
    'cccccccccccc 100 %',
    '46 %, 3 s left',
  ]);
});

test.each([1, 2, 5, 10, 19, 20, 21, 40, 59, 80, 200])('no line is wider than a terminal of %d columns', (columns) => {
  const lines = renderTransfer('registry.example/a/long/name:1', busy(), { columns, rows: 24 }, 2_000);
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(Math.max(1, columns - 1));
});

test.each([1, 2, 3, 4, 5, 6, 24])('no more lines than a terminal of %d rows has, what moves first', (rows) => {
  const events = Array.from('0123456789abcdef', (letter) => [0, 'waiting', layer(letter), 0, MiB] as const);
  const state = stateOf(...events, [1, 'downloading', layer('f'), 1, MiB], [1, 'extracted', layer('0'), MiB, MiB]);
  const lines = renderTransfer('x', state, { columns: 80, rows }, 1);
  expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
  if (rows > 4) expect(lines.join('\n')).toContain('ffffffffffff');
  if (rows === 6) expect(lines).toContain('… and 14 more');
});

test('names do not steer the terminal', () => {
  const state = stateOf([0, 'downloading', 'evil\u001b[2J\nlayer', 1, 2]);
  const lines = renderTransfer('x\u001b]0;y\u0007', state, { columns: 200, rows: 24 }, 1);
  expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  const line = new TransferLog().lineOf(progress('down\u001b[2Jloading', 'e\nvil\u009b1m'));
  expect(line).toBe('e vil?1m: down?[2Jloading');
});

test('a download that begins again does not count twice, and what was there not at all', () => {
  const state = stateOf(
    [0, 'downloading', layer('a'), 600, 1000],
    [1_000, 'downloading', layer('a'), 100, 1000],
    [2_000, 'already exists', layer('b'), 1000, 1000],
  );
  expect(state.totals(2_000)).toMatchObject({ movedBytes: 600, toMoveBytes: 1000, bytesPerSecond: 300 });
});

test('a rate is that of late, and none when nothing comes', () => {
  const state = stateOf([0, 'downloading', layer('a'), 0, 1e6], [1_000, 'downloading', layer('a'), 5000, 1e6]);
  expect(state.totals(1_000).bytesPerSecond).toBe(5000);
  expect(state.totals(6_500)).toMatchObject({ bytesPerSecond: undefined, secondsLeft: undefined });
});

test('a log has a line for each thing that happens, none for bytes', () => {
  const log = new TransferLog();
  const events = [
    progress('Resolving from x', ''),
    progress('downloading', layer('a'), 1, MiB),
    progress('downloading', layer('a'), 2, MiB),
    progress('complete', layer('a'), MiB, MiB),
    progress('complete', layer('a'), MiB, MiB),
  ];
  expect(events.map((event) => log.lineOf(event)).filter((line) => line !== undefined)).toEqual([
    'Resolving from x',
    `layer-${digest('a')}: downloading (1.0 MiB)`,
    `layer-${digest('a')}: complete (1.0 MiB)`,
  ]);
});
