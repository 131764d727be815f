import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Ctr } from './ctr.ts';
import { eventually } from './eventually.ts';

/** One line of `ctr events`. */
export interface SeenEvent {
  readonly time: string;
  readonly namespace: string;
  readonly topic: string;
  readonly payload: unknown;
}

/** Namespaces that only mark the moment when the subscription has begun. */
const markerPrefix = 'begun-';

/** A running `ctr events`. */
export class EventsProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #seen: SeenEvent[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    createInterface({ input: process.stdout as Readable }).on('line', (line) => {
      const match = /^(.*? UTC) (\S+) (\S+) (.*)$/.exec(line);
      if (match === null) return;
      const [, time = '', namespace = '', topic = '', payload = ''] = match;
      this.#seen.push({ time, namespace, topic, payload: JSON.parse(payload) });
    });
  }

  /** Starts a subscription; returns when events reach it. Filters are ORed, as ctr does. */
  static async start(ctr: Ctr, ...filters: string[]): Promise<EventsProcess> {
    // The client says nothing when it is subscribed, so an event of our own is asked for until it comes.
    const marker = `${markerPrefix}${randomBytes(4).toString('hex')}`;
    const markers = filters.length === 0 ? [] : [`event.name==${marker}`];
    const [file, ...args] = ctr.argv('events', ...filters, ...markers);
    const events = new EventsProcess(spawn(file as string, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    try {
      await eventually(async () => {
        await ctr.ok('namespaces', 'create', marker);
        await ctr.ok('namespaces', 'rm', marker);
        const told = (topic: string) => events.#seen.some((event) => event.topic === topic && isMarker(event));
        if (!told('/namespaces/create') || !told('/namespaces/delete')) throw new Error('ctr events shows nothing');
      });
    } catch (error) {
      await events.close();
      throw error;
    }
    return events;
  }

  /** What was published since the start. */
  get seen(): SeenEvent[] {
    return this.#seen.filter((event) => !isMarker(event));
  }

  /** Ends the subscription. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isMarker({ payload }: SeenEvent): boolean {
  const name = (payload as { name?: unknown }).name;
  return typeof name === 'string' && name.startsWith(markerPrefix);
}
