import type { TransferProgress } from '../../../client/transfer/progress.ts';
import { Rate } from './rate.ts';

/** How far a part of an image is. `stored` is only a step for a layer that is still to be unpacked. */
export type Phase = 'waiting' | 'downloading' | 'uploading' | 'stored' | 'unpacking' | 'done';

/** A blob that is being moved. */
export interface Part {
  /** `layer`, `config`, `manifest`, `index`, or whatever else the daemon calls it. */
  readonly kind: string;
  /** The first digits of its digest. */
  readonly id: string;
  readonly phase: Phase;
  /** It was there before. */
  readonly existed: boolean;
  /** Bytes of the phase that are done, and the size of the blob; 0 when not known. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** What all parts come to. */
export interface Totals {
  /** Bytes over the network until now and in all, as far as is known yet, without those that were there. */
  readonly movedBytes: number;
  readonly toMoveBytes: number;
  /** Undefined at first, and when nothing moves any more. */
  readonly bytesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

const phases: Readonly<Record<string, Phase>> = {
  waiting: 'waiting',
  resolving: 'waiting',
  downloading: 'downloading',
  uploading: 'uploading',
  complete: 'stored',
  'already exists': 'stored',
  extracting: 'unpacking',
  extracted: 'done',
};

interface Entry {
  part: Part;
  movedBytes: number;
  toMoveBytes: number;
}

/** Digests bring at most so many digits of themselves to the screen. */
const idLength = 12;

/** What is known of a transfer from the events until now. */
export class TransferState {
  readonly #entries = new Map<string, Entry>();
  readonly #rate = new Rate();

  /** The parts in the order in which they were first heard of. */
  get parts(): readonly Part[] {
    return Array.from(this.#entries.values(), ({ part }) => part);
  }

  /** @param nowMs time of the event on any steady clock */
  update(event: TransferProgress, nowMs: number): void {
    const phase = phases[event.event];
    if (phase === undefined || event.name === '') return;
    const before = this.#entries.get(event.name);
    const existed = event.event === 'already exists' || (before?.part.existed ?? false);
    const totalBytes = Math.max(event.total, event.desc?.size ?? 0, before?.part.totalBytes ?? 0);
    const { kind, id } = namesOf(event);
    const part = { kind, id, phase, existed, doneBytes: event.progress, totalBytes };
    const movedBytes = existed ? 0 : movedIn(part, before?.movedBytes ?? 0);
    this.#rate.add(movedBytes - (before?.movedBytes ?? 0), nowMs);
    this.#entries.set(event.name, { part, movedBytes, toMoveBytes: existed ? 0 : totalBytes });
  }

  totals(nowMs: number): Totals {
    const entries = [...this.#entries.values()];
    const movedBytes = entries.reduce((sum, entry) => sum + entry.movedBytes, 0);
    const toMoveBytes = entries.reduce((sum, entry) => sum + entry.toMoveBytes, 0);
    const leftBytes = Math.max(0, toMoveBytes - movedBytes);
    const bytesPerSecond = leftBytes === 0 ? undefined : this.#rate.bytesPerSecond(nowMs);
    const secondsLeft = bytesPerSecond === undefined ? undefined : Math.ceil(leftBytes / bytesPerSecond);
    return { movedBytes, toMoveBytes, bytesPerSecond, secondsLeft };
  }
}

/** Bytes of a part that are over; never fewer than before, also when a broken download begins again. */
function movedIn({ phase, doneBytes, totalBytes }: Part, before: number): number {
  if (phase === 'waiting') return before;
  const isMoving = phase === 'downloading' || phase === 'uploading';
  return Math.max(before, isMoving ? doneBytes : totalBytes);
}

/** `layer-sha256:1a2b…` is a layer of that digest. */
function namesOf({ name, desc }: TransferProgress): { kind: string; id: string } {
  const [, kind = '', hex = ''] = /^(.*?)-?sha\d+:([0-9a-f]+)$/.exec(name) ?? [];
  const digits = hex || (desc?.digest.replace(/^.*:/, '') ?? '');
  return { kind: hex === '' ? name : kind || 'blob', id: digits.slice(0, idLength) };
}
