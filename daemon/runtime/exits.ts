import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidArgument } from '../../base/errors.ts';
import { failpointSync } from '../../base/failpoint.ts';
import { unpack } from '../../proto/any.ts';
import type { Messages } from '../../proto/codec.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Bundle } from './bundle.ts';
import { ExitLedger } from './exit-ledger.ts';
import type { Exit } from './exit-record.ts';
import type { TaskTable } from './task-table.ts';

/** An event as a shim sends it. */
export type Envelope = Messages['containerd.types.Envelope'];

/** In a bundle: subscribers have been told that the task's first process ended. */
export const announcedFileName = 'exit-announced';

/**
 * Where the end of every process becomes known: as an event of its shim or found out by the daemon, told once.
 * The task's own view changes before anybody is told.
 */
export class Exits {
  readonly #tasks: TaskTable;
  readonly #events: EventPublisher;
  readonly #forward: (envelope: Envelope) => void;
  readonly #ledger = new ExitLedger();

  constructor(deps: {
    tasks: TaskTable;
    events: EventPublisher;
    /** Passes an event of a shim on to the subscribers. */
    forward: (envelope: Envelope) => void;
  }) {
    this.#tasks = deps.tasks;
    this.#events = deps.events;
    this.#forward = deps.forward;
  }

  /**
   * Takes an event from a shim. Exits that are known already are dropped.
   * @throws GantryError invalid-argument for an event that is not what its topic says
   */
  observe(envelope: Envelope): void {
    if (envelope.topic !== '/tasks/exit') {
      this.#forward(envelope);
      return;
    }
    if (envelope.event === null) throw invalidArgument(`event of topic "${envelope.topic}" is missing`);
    const { namespace } = envelope;
    const { containerId, id, pid, exitStatus, exitedAt } = unpack('containerd.events.TaskExit', envelope.event);
    if (id !== containerId) {
      if (this.#ledger.record({ namespace, containerId, execId: id }, pid)) this.#forward(envelope);
      return;
    }
    if (!this.#recordFirst(namespace, containerId)) return;
    const task = this.#tasks.get(namespace, containerId);
    if (task !== undefined && exitedAt !== null) task.exit = { pid, exitStatus, exitedAt };
    failpointSync('task.exit.telling');
    this.#forward(envelope);
    failpointSync('task.exit.told');
    if (task !== undefined) remember(task.bundle);
  }

  /** Tells that a task's first process ended, unless its shim has. */
  announce(bundle: Bundle, exit: Exit): void {
    const { namespace, id } = bundle;
    if (!this.#recordFirst(namespace, id)) return;
    failpointSync('task.exit.telling');
    this.#events.publish(namespace, '/tasks/exit', 'containerd.events.TaskExit', { containerId: id, id, ...exit });
    failpointSync('task.exit.told');
    remember(bundle);
  }

  /** Tells that a task is gone whose shim could not. */
  announceDeletion(bundle: Bundle, exit: Exit): void {
    const { namespace, id } = bundle;
    this.#events.publish(namespace, '/tasks/delete', 'containerd.events.TaskDelete', { containerId: id, ...exit });
  }

  /** Whether the exit of a task's first process has been told in this life of the daemon. */
  isKnown(bundle: Bundle): boolean {
    return this.#ledger.has({ namespace: bundle.namespace, containerId: bundle.id, execId: '' });
  }

  /** A new process is about to take that name. */
  expect(bundle: Bundle, execId: string): void {
    this.#ledger.forget({ namespace: bundle.namespace, containerId: bundle.id, execId });
  }

  /** A task has one first process: who knows of its end may know another process id, or none. */
  #recordFirst(namespace: string, containerId: string): boolean {
    return this.#ledger.record({ namespace, containerId, execId: '' }, 0);
  }
}

/** For the daemon's next life. A bundle that is gone already needs no reminder. */
function remember(bundle: Bundle): void {
  writeFile(join(bundle.path, announcedFileName), '', { mode: 0o600 }).catch(() => undefined);
}
