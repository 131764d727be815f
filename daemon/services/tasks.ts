import type { Clock } from '../../base/clock.ts';
import { GantryError, invalidArgument, isKind, messageOf, wrap } from '../../base/errors.ts';
import { parseFilters } from '../../base/filter.ts';
import { validateIdentifier } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Messages } from '../../proto/codec.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../runtime/exit-record.ts';
import { forEachLimited } from '../runtime/map-limit.ts';
import type { Task } from '../runtime/task.ts';
import type { TaskManager } from '../runtime/task-manager.ts';
import { imagePathOf, type TaskCheckpoints } from './task-checkpoints.ts';
import { creationOf, type TaskContainer } from './task-creation.ts';

type Requests = {
  readonly [Name in keyof Messages as Name extends `containerd.services.tasks.v1.${infer Short}`
    ? Short
    : never]: Messages[Name];
};
type Process = Messages['containerd.v1.types.Process'];

/** Time for one task to tell its state or metrics; one that takes longer is left out of lists. */
const stateTimeoutMs = 2_000;
/** Shims asked at the same time for a list. */
const listConcurrency = 32;

/** What the service needs. */
export interface TasksDeps {
  readonly containers: {
    /** @throws GantryError not-found */
    get(ctx: Context, id: string): Promise<TaskContainer>;
  };
  readonly manager: TaskManager;
  readonly checkpoints: Pick<TaskCheckpoints, 'store' | 'unpack'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The rules of containerd.services.tasks.v1.Tasks. A task exists only for a container that is known, and an empty exec id
 * means the task's first process.
 */
export class TasksService {
  readonly #containers: TasksDeps['containers'];
  readonly #manager: TaskManager;
  readonly #checkpoints: TasksDeps['checkpoints'];
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(deps: TasksDeps) {
    this.#containers = deps.containers;
    this.#manager = deps.manager;
    this.#checkpoints = deps.checkpoints;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async create(ctx: Context, request: Requests['CreateTaskRequest']): Promise<{ containerId: string; pid: number }> {
    const container = await this.#containers.get(ctx, request.containerId);
    const creation = creationOf(container, request, this.#checkpoints);
    const task = await this.#manager.create(ctx, creation);
    return { containerId: task.id, pid: task.pid };
  }

  async start(ctx: Context, request: Requests['StartRequest']): Promise<{ pid: number }> {
    const task = await this.#task(ctx, request.containerId);
    const { pid } = await task.call('Start', { id: task.id, execId: request.execId }, ctx);
    return { pid };
  }

  async delete(ctx: Context, request: Requests['DeleteTaskRequest']): Promise<Requests['DeleteResponse']> {
    const task = await this.#task(ctx, request.containerId);
    return { id: '', ...(await this.#manager.delete(ctx, task.id)) };
  }

  /** Without an exec id the shim deletes the task's first process; the task itself is left for `delete` to take away. */
  async deleteProcess(ctx: Context, request: Requests['DeleteProcessRequest']): Promise<Requests['DeleteResponse']> {
    const { containerId, execId } = request;
    const task = await this.#task(ctx, containerId);
    const { pid, exitStatus, exitedAt } = await task.call('Delete', { id: task.id, execId }, ctx);
    return { id: execId, pid, exitStatus, exitedAt };
  }

  async get(ctx: Context, request: Requests['GetRequest']): Promise<{ process: Process }> {
    const task = await this.#task(ctx, request.containerId);
    return { process: await this.#process(ctx, task, request.execId) };
  }

  /** The namespace's tasks in the order of their creation; those that do not answer are left out. */
  async list(ctx: Context): Promise<{ tasks: Process[] }> {
    const tasks = await this.#ofEach(this.#manager.list(ctx.namespace), (task) => this.#process(ctx, task, ''));
    return { tasks };
  }

  async kill(ctx: Context, request: Requests['KillRequest']): Promise<void> {
    const { containerId, execId, signal, all } = request;
    const task = await this.#task(ctx, containerId);
    await task.call('Kill', { id: task.id, execId, signal, all: all && execId === '' }, ctx);
  }

  async exec(ctx: Context, request: Requests['ExecProcessRequest']): Promise<void> {
    const { containerId, execId, spec, stdin, stdout, stderr, terminal } = request;
    if (execId === '') throw invalidArgument('exec id cannot be empty');
    const task = await this.#task(ctx, containerId);
    try {
      validateIdentifier(execId);
    } catch (error) {
      throw wrap(error, `invalid exec id ${execId}`);
    }
    await task.call('Exec', { id: task.id, execId, spec, stdin, stdout, stderr, terminal }, ctx);
    this.#manager.expectExec(task, execId);
  }

  async resizePty(ctx: Context, request: Requests['ResizePtyRequest']): Promise<void> {
    const { containerId, execId, width, height } = request;
    const task = await this.#task(ctx, containerId);
    await task.call('ResizePty', { id: task.id, execId, width, height }, ctx);
  }

  /** Only standard input can be closed; a request that does not name it does nothing to a process that exists. */
  async closeIo(ctx: Context, request: Requests['CloseIORequest']): Promise<void> {
    const { containerId, execId, stdin } = request;
    const task = await this.#task(ctx, containerId);
    if (stdin) await task.call('CloseIO', { id: task.id, execId, stdin }, ctx);
    else if (execId !== '') await task.state(execId, { signal: ctx.signal, timeoutMs: stateTimeoutMs });
  }

  async pause(ctx: Context, request: Requests['PauseTaskRequest']): Promise<void> {
    const task = await this.#task(ctx, request.containerId);
    await task.call('Pause', { id: task.id }, ctx);
  }

  async resume(ctx: Context, request: Requests['ResumeTaskRequest']): Promise<void> {
    const task = await this.#task(ctx, request.containerId);
    await task.call('Resume', { id: task.id }, ctx);
  }

  async listPids(ctx: Context, request: Requests['ListPidsRequest']): Promise<Requests['ListPidsResponse']> {
    const task = await this.#task(ctx, request.containerId);
    return task.call('Pids', { id: task.id }, ctx);
  }

  async update(ctx: Context, request: Requests['UpdateTaskRequest']): Promise<void> {
    const { containerId, resources, annotations } = request;
    const task = await this.#task(ctx, containerId);
    await task.call('Update', { id: task.id, resources, annotations }, ctx);
  }

  /** The blobs of the checkpoint: its images and the container's spec; none if the client wants the images itself. */
  async checkpoint(
    ctx: Context,
    request: Requests['CheckpointTaskRequest'],
  ): Promise<{ descriptors: Requests['CheckpointTaskResponse']['descriptors'] }> {
    const { containerId, options } = request;
    const container = await this.#containers.get(ctx, containerId);
    const task = this.#manager.get(ctx.namespace, containerId);
    const imagePath = imagePathOf(container.runtime?.name ?? '', options);
    const write = (path: string) => task.call('Checkpoint', { id: task.id, path, options }, ctx);
    if (imagePath === '') {
      return { descriptors: await this.#checkpoints.store(ctx, task.bundle, container.spec, write) };
    }
    await write(imagePath);
    return { descriptors: [] };
  }

  /** Metrics of the namespace's tasks that match any of the filters on `id` and `namespace`. */
  async metrics(ctx: Context, request: Requests['MetricsRequest']): Promise<Requests['MetricsResponse']> {
    const matches = metricsFilter(request.filters);
    const tasks = this.#manager.list(ctx.namespace).filter((task) => matches(([field]) => fieldOf(task, field)));
    const metrics = await this.#ofEach(tasks, async (task) => {
      const timestamp = timestampFromNs(this.#clock.now());
      const { stats } = await task.call('Stats', { id: task.id }, { signal: ctx.signal, timeoutMs: stateTimeoutMs });
      return { timestamp, id: task.id, data: stats };
    });
    return { metrics };
  }

  /** Answers when the process has ended. */
  async wait(ctx: Context, request: Requests['WaitRequest']): Promise<Omit<Exit, 'pid'>> {
    const task = await this.#task(ctx, request.containerId);
    const { exitStatus, exitedAt } = await task.wait(request.execId, ctx.signal);
    return { exitStatus, exitedAt };
  }

  async #task(ctx: Context, id: string): Promise<Task> {
    await this.#containers.get(ctx, id);
    const task = this.#manager.get(ctx.namespace, id);
    return task;
  }

  async #process(ctx: Context, task: Task, execId: string): Promise<Process> {
    const state = await task.state(execId, { signal: ctx.signal, timeoutMs: stateTimeoutMs });
    const { pid, status, stdin, stdout, stderr, terminal, exitStatus, exitedAt } = state;
    const id = execId === '' ? task.id : execId;
    return { containerId: '', id, pid, status, stdin, stdout, stderr, terminal, exitStatus, exitedAt };
  }

  /** Asks all tasks at once and keeps the order of those that answer. */
  async #ofEach<T>(tasks: readonly Task[], ask: (task: Task) => Promise<T>): Promise<T[]> {
    const answers = new Map<Task, T>();
    await forEachLimited(tasks, listConcurrency, async (task) => {
      try {
        answers.set(task, await ask(task));
      } catch (error) {
        // One that is deleted meanwhile is no news.
        if (isKind(error, 'not-found')) return;
        this.#log.error({ id: task.id, error: messageOf(error) }, 'task does not answer, left out');
      }
    });
    return tasks.flatMap((task) => (answers.has(task) ? [answers.get(task) as T] : []));
  }
}

/** containerd answers a bad filter here with a plain error. */
function metricsFilter(filters: readonly string[]): ReturnType<typeof parseFilters> {
  try {
    return parseFilters(filters);
  } catch (error) {
    throw new GantryError('unknown', messageOf(error), { cause: error });
  }
}

function fieldOf(task: Task, field: string | undefined): string | undefined {
  if (field === 'id') return task.id;
  return field === 'namespace' ? task.namespace : undefined;
}
