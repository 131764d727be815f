import type { Task } from './task.ts';

/** The tasks there are, by namespace and id. */
export class TaskTable {
  readonly #tasks = new Map<string, Map<string, Task>>();
  readonly #reserved = new Set<string>();

  get(namespace: string, id: string): Task | undefined {
    return this.#tasks.get(namespace)?.get(id);
  }

  /** The tasks of one namespace. */
  list(namespace: string): Task[] {
    return [...(this.#tasks.get(namespace)?.values() ?? [])];
  }

  all(): Task[] {
    return [...this.#tasks.values()].flatMap((tasks) => [...tasks.values()]);
  }

  add(task: Task): void {
    const { namespace, id } = task.bundle;
    const tasks = this.#tasks.get(namespace) ?? new Map<string, Task>();
    this.#tasks.set(namespace, tasks.set(id, task));
  }

  /** Removes this very task; another one that has taken its id meanwhile stays. */
  remove(task: Task): void {
    const { namespace, id } = task.bundle;
    const tasks = this.#tasks.get(namespace);
    if (tasks?.get(id) !== task) return;
    tasks.delete(id);
    if (tasks.size === 0) this.#tasks.delete(namespace);
  }

  /** Whether there is such a task, or somebody is making it. */
  isTaken(namespace: string, id: string): boolean {
    return this.#reserved.has(`${namespace}\0${id}`) || this.get(namespace, id) !== undefined;
  }

  /** Claims an id for a task in the making; undefined if there is such a task, or somebody else is making it. */
  reserve(namespace: string, id: string): Disposable | undefined {
    const key = `${namespace}\0${id}`;
    if (this.isTaken(namespace, id)) return undefined;
    this.#reserved.add(key);
    return { [Symbol.dispose]: () => void this.#reserved.delete(key) };
  }
}
