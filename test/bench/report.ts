import type { Pair } from './measure.ts';

/** What the budget of a measurement is about: the value itself, or its ratio to the peer's. */
export type Budget = { readonly most: number } | { readonly mostOfPeer: number };

/** One line of the report. */
export interface Row extends Pair {
  readonly what: string;
  readonly unit: 'bytes' | 'ms';
  readonly budget: Budget;
}

const mebibyte = 1024 * 1024;

function amount(value: number, unit: Row['unit']): string {
  // What only one of the two can tell.
  if (Number.isNaN(value)) return '–';
  return unit === 'bytes' ? `${(value / mebibyte).toFixed(2)} MiB` : `${value.toFixed(1)} ms`;
}

/** True if ours is within the budget. */
export function isWithin({ ours, peer, budget }: Row): boolean {
  return 'most' in budget ? ours <= budget.most : ours <= budget.mostOfPeer * peer;
}

function describe({ budget, unit }: Row): string {
  return 'most' in budget ? `≤ ${amount(budget.most, unit)}` : `≤ ${budget.mostOfPeer.toFixed(2)} × peer`;
}

/** The report as a table for people. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['', 'ours', 'peer', 'ratio', 'budget', ''],
    ...rows.map((row) => [
      row.what,
      amount(row.ours, row.unit),
      amount(row.peer, row.unit),
      Number.isNaN(row.peer) ? '–' : (row.ours / row.peer).toFixed(2),
      describe(row),
      isWithin(row) ? 'ok' : 'OVER',
    ]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The report for programs: bytes and milliseconds. */
export function json(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map((row) => ({ ...row, ratio: row.ours / row.peer, within: isWithin(row) })),
    undefined,
    2,
  );
}
