import { oneLine } from './text.ts';

const gap = '   ';

/** Text in columns under headings, each as wide as its widest cell. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => headings.map((_, column) => oneLine(row[column] ?? '') || '-'));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join(gap)
      .trimEnd();
  return `${lines.map(format).join('\n')}\n`;
}

function widthOf(text: string): number {
  return [...text].length;
}
