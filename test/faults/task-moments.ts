/** Where a trap is set and whom it kills: itself, unless told otherwise. */
export interface Trigger {
  readonly point: string;
  readonly in: 'shim' | 'daemon' | 'runc';
  readonly kills: 'shim' | 'daemon' | 'runc' | 'hang' | 'garbage' | 'lie';
}

/** One row of the matrix. */
export interface TaskFault {
  readonly name: string;
  readonly triggers: readonly Trigger[];
  /** Also run without `npm run faults`. */
  readonly isShort: boolean;
  /** Both who could keep the container's output are killed: what it says from then on is lost. */
  readonly losesOutput: boolean;
}

/** The moments of a shim's life, in order; see shim/src/failpoint.h. */
const shimPoints = [
  'start.listening',
  'start.spawned',
  'start.answered',
  'serve.ready',
  'create.asked',
  'create.mounted',
  'create.created',
  'create.recorded',
  'create.told',
  'run.asked',
  'run.started',
  'run.told',
  'event.sent',
  'event.answered',
  'exec.added',
  'exec.asked',
  'exec.started',
  'exec.told',
  'exec-exit.seen',
  'exec-exit.recorded',
  'exec-exit.answered',
  'exec-exit.queued',
  'exec-delete.asked',
  'exec-delete.forgetting',
  'pause.done',
  'resume.done',
  'kill.sent',
  'exit.seen',
  'exit.recorded',
  'exit.answered',
  'exit.queued',
  'delete.asked',
  'delete.deleted',
  'delete.unmounted',
  'delete.told',
  'delete.answered',
  'shutdown.asked',
];

const daemonPoints = [
  'task.create.bundled',
  'task.create.started',
  'task.create.created',
  'task.exit.telling',
  'task.exit.told',
  'task.delete.asked',
  'task.delete.deleted',
  'task.delete.left',
  'task.delete.removed',
];

const adoptPoints = ['adopt.asked', 'adopt.recorded', 'adopt.done'];
const runcVerbs = ['create', 'start', 'exec', 'pause', 'resume', 'ps', 'kill', 'delete'];
const short = new Set([
  'shim at create.created',
  'shim at run.started',
  'shim at exec.started',
  'shim at exit.seen',
  'shim at exit.recorded',
  'shim at delete.deleted',
  'daemon at shim create.told',
  'daemon at shim exit.queued',
  'daemon at task.create.created',
  'daemon at task.delete.deleted',
  'runc create, during',
  'runc kill, after',
  'shim, and the next at adopt.recorded',
]);

const lossy = new Set(['shim, and the daemon at task.adopt.begun', 'shim, and the daemon at adopt.asked']);

const row = (name: string, ...triggers: Trigger[]): TaskFault => ({
  name,
  triggers,
  isShort: short.has(name),
  losesOutput: lossy.has(name),
});
/** The shim dies in the middle of a container's life. */
const midLife: Trigger = { point: 'exec-delete.asked', in: 'shim', kills: 'shim' };

/** Every moment at which one of the three is killed. */
export const taskFaults: readonly TaskFault[] = [
  ...shimPoints.map((point) => row(`shim at ${point}`, { point, in: 'shim', kills: 'shim' })),
  ...shimPoints.map((point) => row(`daemon at shim ${point}`, { point, in: 'shim', kills: 'daemon' })),
  ...daemonPoints.map((point) => row(`daemon at ${point}`, { point, in: 'daemon', kills: 'daemon' })),
  ...adoptPoints.map((point) => row(`shim, and the next at ${point}`, midLife, { point, in: 'shim', kills: 'shim' })),
  ...adoptPoints.map((point) =>
    row(`shim, and the daemon at ${point}`, midLife, { point, in: 'shim', kills: 'daemon' }),
  ),
  ...['task.adopt.begun', 'task.adopt.done'].map((point) =>
    row(`shim, and the daemon at ${point}`, midLife, { point, in: 'daemon', kills: 'daemon' }),
  ),
  ...runcVerbs.flatMap((verb) =>
    ['before', 'during', 'after'].map((when) =>
      row(`runc ${verb}, ${when}`, { point: `runc.${verb}.${when}`, in: 'runc', kills: 'runc' }),
    ),
  ),
];
