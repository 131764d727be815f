import { oneLine } from '../text.ts';
import { formatDuration, formatSize } from '../units.ts';
import type { Part, Totals, TransferState } from './state.ts';

/** What a terminal has room for. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

const phaseWidth = 'downloading'.length;
const barMaxWidth = 30;
const barMinWidth = 8;

/**
 * A transfer as lines that fit a terminal, the last row and column left free: a title, the parts that something happens to,
 * and what all come to. Parts for which there is no room are counted.
 */
export function renderTransfer(title: string, state: TransferState, room: Room, nowMs: number): string[] {
  const width = Math.max(1, room.columns - 1);
  const partRows = Math.max(0, room.rows - 4);
  const parts = state.parts.filter(isWorthALine);
  const shown = mostWanted(parts, partRows);
  const hidden = parts.length - shown.length;
  const lines = [
    oneLine(title),
    ...shown.map((part) => partLine(part, width)),
    ...(hidden > 0 ? [`… and ${hidden} more`] : []),
    totalsLine(state.totals(nowMs), width),
  ];
  return lines.slice(0, Math.max(1, room.rows - 1)).map((line) => cut(line, width));
}

/** Documents are small and come and go; people watch layers. */
function isWorthALine({ kind, phase }: Part): boolean {
  return kind === 'layer' || phase === 'downloading' || phase === 'uploading';
}

/** As many as there is room for in their own order: those that move first, those that wait next. */
function mostWanted(parts: readonly Part[], count: number): readonly Part[] {
  const urgency = ({ phase }: Part) => (phase === 'done' ? 3 : phase === 'waiting' ? 2 : phase === 'stored' ? 1 : 0);
  const wanted = parts.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, count);
  return parts.filter((part) => wanted.includes(part));
}

/** The fullest form that fits. */
function partLine(part: Part, width: number): string {
  const { kind, id } = part;
  const label = oneLine(`${kind.padEnd(8)} ${id}`);
  const phase = phaseText(part);
  const amount = amountOf(part);
  const barWidth = Math.min(barMaxWidth, width - label.length - phaseWidth - amount.length - 8);
  const forms = [
    ...(barWidth >= barMinWidth ? [`${label}  ${phase.padEnd(phaseWidth)}  [${bar(part, barWidth)}]  ${amount}`] : []),
    `${label}  ${phase.padEnd(phaseWidth)}  ${amount}`,
    `${oneLine(id)} ${phase} ${percent(part)}`,
    `${oneLine(id)} ${percent(part)}`,
    oneLine(id),
  ].map((form) => form.trimEnd());
  return forms.find((form) => form.length <= width) ?? '';
}

function phaseText({ phase, existed }: Part): string {
  if (phase === 'stored') return existed ? 'is there' : 'complete';
  return phase;
}

function amountOf({ phase, doneBytes, totalBytes }: Part): string {
  const total = totalBytes > 0 ? formatSize(totalBytes) : '';
  const isMoving = phase === 'downloading' || phase === 'uploading' || phase === 'unpacking';
  if (!isMoving || total === '') return total;
  return `${formatSize(doneBytes)} of ${total}`;
}

function fraction({ phase, doneBytes, totalBytes }: Part): number {
  if (phase === 'stored' || phase === 'done') return 1;
  return totalBytes > 0 ? Math.min(1, Math.max(0, doneBytes / totalBytes)) : 0;
}

function percent(part: Part): string {
  return `${Math.floor(100 * fraction(part))} %`;
}

function bar(part: Part, width: number): string {
  const full = Math.floor(width * fraction(part));
  return '='.repeat(full) + ' '.repeat(width - full);
}

function totalsLine({ movedBytes, toMoveBytes, bytesPerSecond, secondsLeft }: Totals, width: number): string {
  const percentDone = toMoveBytes === 0 ? 0 : Math.floor((100 * Math.min(movedBytes, toMoveBytes)) / toMoveBytes);
  const rate = bytesPerSecond === undefined ? [] : [`${formatSize(bytesPerSecond)}/s`];
  const left = secondsLeft === undefined ? [] : [`${formatDuration(secondsLeft)} left`];
  const amount = `${formatSize(movedBytes)} of ${formatSize(toMoveBytes)}`;
  const forms = [[amount, ...rate, ...left], [`${percentDone} %`, ...left], [`${percentDone} %`]];
  return forms.map((form) => form.join(', ')).find((form) => form.length <= width) ?? '';
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
