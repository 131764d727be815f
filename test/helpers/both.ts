import { afterAll, expect, test } from 'vitest';
import type { DaemonKind } from './daemon.ts';
import { Side, type SideOptions } from './side.ts';

const kinds: readonly DaemonKind[] = ['containerd', 'gantryd'];

/** What scenarios can be compared on: one of the daemons with whatever clients it has. */
export interface ComparedSide extends AsyncDisposable {
  /** All that was logged so far. */
  readonly log: string;
  /** Takes out of a text what cannot be the same on both sides. */
  readonly normalise: (text: string) => string;
}

/** Gives both daemons, with `ctr` as their client, to the scenarios of a file; see `onBoth`. Options may differ by daemon. */
export function bothDaemons(options: SideOptions | ((kind: DaemonKind) => SideOptions) = {}) {
  return onBoth((kind) => Side.start(kind, typeof options === 'function' ? options(kind) : options));
}

/**
 * Gives both daemons to the scenarios of a file. Each scenario becomes one test per daemon: the peer's run shows that
 * the test itself is right, ours that Gantry is. What the scenario returns must be equal on both sides, but for what
 * `normalise` takes out of its texts.
 * A daemon starts for the first scenario; at the end nothing may be left of the file's containers.
 */
export function onBoth<S extends ComparedSide>(start: (kind: DaemonKind) => Promise<S>) {
  const sides = new Map<DaemonKind, Promise<S>>();

  afterAll(async () => {
    const started = (await Promise.allSettled(sides.values())).filter((side) => side.status === 'fulfilled');
    const ended = await Promise.allSettled(started.map(({ value }) => value[Symbol.asyncDispose]()));
    const problems = ended.filter((end) => end.status === 'rejected').map(({ reason }) => reason as unknown);
    if (problems.length > 0) throw new AggregateError(problems, problems.map(String).join('\n'));
  });

  function sideFor(kind: DaemonKind): Promise<S> {
    const side = sides.get(kind) ?? start(kind);
    sides.set(kind, side);
    return side;
  }

  /** Declares a scenario. */
  function scenario(name: string, body: (side: S) => Promise<unknown>): void {
    const peerResult = { known: false, value: undefined as unknown };
    for (const kind of kinds) {
      test(`${name} · ${kind}`, async ({ onTestFailed }) => {
        const side = await sideFor(kind);
        const logged = side.log.length;
        onTestFailed(() => console.error(`${kind} logged:\n${lastLines(side.log.slice(logged))}`));
        const result = normalised(await body(side), side);
        if (kind === 'containerd') Object.assign(peerResult, { known: true, value: result });
        else if (peerResult.known) expect(result, "differs from containerd's").toEqual(peerResult.value);
      });
    }
  }

  return { scenario };
}

/** Declares a scenario: its name, and what is done with either side. */
export type Scenario = (name: string, body: (side: Side) => Promise<unknown>) => void;

/** Collects scenarios for several test files to declare. */
export function collectScenarios(): { scenario: Scenario; declare: (scenario: Scenario) => void } {
  const collected: Parameters<Scenario>[] = [];
  return {
    scenario: (...one) => void collected.push(one),
    declare: (scenario) => {
      for (const one of collected) scenario(...one);
    },
  };
}

/** A result with every text in it normalised. */
function normalised(result: unknown, side: ComparedSide): unknown {
  if (result === undefined) return undefined;
  return JSON.parse(JSON.stringify(result), (_, value: unknown) =>
    typeof value === 'string' ? side.normalise(value) : value,
  );
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
