import { GantryError } from '../../base/errors.ts';

/** The labels by which clients ask for restarts; containerd's names. */
export const restartLabels = {
  /** What the task is to be: `running` or `stopped`. */
  status: 'containerd.io/restart.status',
  policy: 'containerd.io/restart.policy',
  /** How often it has been restarted; written by the daemon. */
  count: 'containerd.io/restart.count',
  logUri: 'containerd.io/restart.loguri',
  explicitlyStopped: 'containerd.io/restart.explicitly-stopped',
} as const;

/** When a task that has ended is started again. */
export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Only with on-failure; 0 is no limit. */
  readonly maxRetries: number;
}

/**
 * Reads `no`, `always`, `on-failure[:N]` or `unless-stopped`; nothing at all means `always`.
 * @throws GantryError for anything else
 */
export function parsePolicy(text: string): RestartPolicy {
  const [name = '', retries] = text.split(':');
  if (name === 'on-failure') return { name, maxRetries: retries === undefined ? 0 : count(retries) };
  if (name !== '' && name !== 'no' && name !== 'always' && name !== 'unless-stopped') {
    throw unknown(`restart policy "${text}" not supported`);
  }
  if (retries !== undefined) throw unknown(`restart policy "${name}" not support max retry count`);
  return { name: name || 'always', maxRetries: 0 };
}

/**
 * Whether a task that should run and does not is started again.
 * @param exitStatus 0 if the task is gone and nobody knows
 * @throws GantryError for a policy or a count that cannot be read
 */
export function wantsRestart(exitStatus: number, labels: Readonly<Record<string, string>>): boolean {
  const { name, maxRetries } = parsePolicy(labels[restartLabels.policy] ?? '');
  switch (name) {
    case 'always':
      return true;
    case 'on-failure': {
      const restarts = restartCount(labels);
      return exitStatus !== 0 && (maxRetries === 0 || restarts < maxRetries);
    }
    case 'unless-stopped':
      return !isTrue(labels[restartLabels.explicitlyStopped] ?? '');
    case 'no':
      return false;
  }
}

/** How often a container was restarted so far. @throws GantryError for a label that is no number */
export function restartCount(labels: Readonly<Record<string, string>>): number {
  const text = labels[restartLabels.count] ?? '';
  return text === '' ? 0 : count(text);
}

function count(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw unknown(`invalid max retry count: ${text}`);
  return Number(text);
}

/** The words that Go takes for true. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
}

const unknown = (text: string) => new GantryError('unknown', text);
