import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';

const liveRestore = { flags: ['--live-restore'] };

/** Containers that end when the file `go` appears, each with a status of its own. */
const ending = { 'ends-0': 0, 'ends-42': 42, 'ends-137': 137 };

/** Ticks into its log, in order, for ever. */
const ticking = 'i=0; while :; do echo $i; i=$((i + 1)); usleep 20000; done';

/** A running world: three containers that will end, one that ticks, one that does nothing. */
class World {
  readonly side: DockerSide;
  readonly #folder: string;
  pids: Readonly<Record<string, number>> = {};

  constructor(side: DockerSide) {
    this.side = side;
    this.#folder = join(side.daemon.folder, 'shared');
    mkdirSync(this.#folder);
  }

  async start(): Promise<void> {
    const { docker } = this.side;
    for (const [name, code] of Object.entries(ending)) {
      const script = `until [ -e /shared/go ]; do usleep 5000; done; echo last words; exit ${code}`;
      await docker.ok('run', '-d', '--name', name, '-v', `${this.#folder}:/shared`, image, 'sh', '-c', script);
    }
    await docker.ok('run', '-d', '--name', 'ticks', image, 'sh', '-c', ticking);
    await docker.ok('run', '-d', '--name', 'stays', image, 'sleep', '1000');
    const names = [...Object.keys(ending), 'ticks', 'stays'];
    const pids = names.map(async (name) => [name, (await docker.inspect(name)).State.Pid] as const);
    this.pids = Object.fromEntries(await Promise.all(pids));
  }

  /** Lets the three end, and returns when they have. */
  async endThree(): Promise<void> {
    writeFileSync(join(this.#folder, 'go'), '');
    await eventually(() => expect(Object.keys(ending).filter((name) => exists(this.pids[name] ?? 0))).toEqual([]));
  }

  /**
   * The three have ended as they have, the others run on as they did, and can be worked with. Their output is all there
   * if dockerd was; what it had read and not yet logged has died with it.
   */
  async expectRestored(log: 'whole' | 'cut' = 'whole'): Promise<void> {
    const { docker } = this.side;
    for (const [name, code] of Object.entries(ending)) {
      await eventually(async () => {
        expect((await docker.inspect(name)).State, name).toMatchObject({ Status: 'exited', ExitCode: code, Pid: 0 });
      });
      expect(await docker.ok('wait', name)).toBe(`${code}\n`);
      if (log === 'whole') expect(await docker.ok('logs', name)).toBe('last words\n');
    }
    for (const name of ['ticks', 'stays']) {
      expect((await docker.inspect(name)).State).toMatchObject({ Status: 'running', Pid: this.pids[name] });
      expect(await docker.ok('exec', name, 'echo', 'up')).toBe('up\n');
    }
    await this.#expectTicks(log);
    await docker.ok('pause', 'stays');
    await docker.ok('unpause', 'stays');
    await docker.ok('stop', '--time', '0', 'stays');
    expect((await docker.inspect('stays')).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
    await docker.ok('start', 'stays', 'ends-42');
    await docker.ok('rm', '-f', ...Object.keys(ending), 'ticks', 'stays');
  }

  /** The log goes on, in order, and nothing is missing in a whole one. */
  async #expectTicks(log: 'whole' | 'cut'): Promise<void> {
    const lines = async () => (await this.side.docker.ok('logs', 'ticks')).trimEnd().split('\n');
    const before = (await lines()).length;
    await eventually(async () => expect((await lines()).length).toBeGreaterThan(before + 5));
    const seen = (await lines()).map(Number);
    expect(seen).toEqual(log === 'whole' ? seen.map((_, index) => index) : [...new Set(seen)].sort((a, b) => a - b));
  }
}

test('containers run on while gantryd is dead, and how they ended meanwhile is told', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const world = new World(side);
  await world.start();
  const waiting = Object.keys(ending).map((name) => side.docker.ok('wait', name));
  await side.daemon.kill();
  await world.endThree();
  await side.daemon.start();
  expect(await Promise.all(waiting)).toEqual(Object.values(ending).map((code) => `${code}\n`));
  await world.expectRestored();
});

test('containers run on while dockerd is dead', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const world = new World(side);
  await world.start();
  await side.killDockerd();
  await world.endThree();
  await side.startDockerd();
  await world.expectRestored('cut');
});

test('containers run on while both are dead', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const world = new World(side);
  await world.start();
  await side.killDockerd();
  await side.daemon.kill();
  await world.endThree();
  await side.daemon.start();
  await side.startDockerd();
  await world.expectRestored('cut');
});

test('containers run on while gantryd is stopped in order, and a paused one stays paused', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const world = new World(side);
  await world.start();
  await side.docker.ok('pause', 'stays');
  expect(await side.daemon.kill('SIGTERM')).toEqual({ how: 'exit', value: 0 });
  await world.endThree();
  await side.daemon.start();
  await eventually(() => side.docker.ok('unpause', 'stays'));
  await world.expectRestored();
});

test('clients that are attached or execute see output and end over a crash of gantryd', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const { docker, daemon } = side;
  const folder = join(daemon.folder, 'shared');
  mkdirSync(folder);
  const count = (file: string, code: number) =>
    `i=0; until [ -e /shared/${file} ]; do echo $i; i=$((i + 1)); usleep 20000; done; exit ${code}`;
  const run = docker.start('run', '--name', 'attached', '-v', `${folder}:/shared`, image, 'sh', '-c', count('run', 43));
  await new Promise((resolve) => run.stdout.once('data', resolve));
  const exec = docker.start('exec', 'attached', 'sh', '-c', count('exec', 44));
  await docker.execRuns('attached');
  await daemon.kill();
  writeFileSync(join(folder, 'exec'), '');
  await daemon.start();
  for (const [client, code] of [
    [exec, 44],
    [run, 43],
  ] as const) {
    const { stdout, exitCode } = await client;
    expect(exitCode).toBe(code);
    const lines = stdout.split('\n');
    expect(lines).toEqual(lines.map((_, index) => `${index}`));
    writeFileSync(join(folder, 'run'), '');
  }
  await docker.ok('rm', 'attached');
});

test('a container that is to be restarted always is restarted whatever crashes', async () => {
  await using side = await DockerSide.start('gantryd', liveRestore);
  const { docker, daemon } = side;
  await docker.ok('run', '-d', '--name', 'always', '--restart', 'always', image, 'sleep', '1000');
  const first = await docker.inspect('always');
  await daemon.kill();
  process.kill(first.State.Pid, 'SIGKILL');
  await eventually(() => expect(exists(first.State.Pid)).toBe(false));
  await daemon.start();
  await eventually(async () => {
    const { State } = await docker.inspect('always');
    expect(State).toMatchObject({ Status: 'running' });
    expect(State.Pid).not.toBe(first.State.Pid);
  });
  expect(await docker.ok('exec', 'always', 'echo', 'up')).toBe('up\n');
  const second = await docker.inspect('always');
  // Whose shim is killed goes on under another one, and what becomes of it then is told as well.
  const shim = daemon.processOf('containerd-shim').pid;
  process.kill(shim, 'SIGKILL');
  await eventually(() => expect(daemon.processOf('containerd-shim').pid).not.toBe(shim));
  expect(await docker.ok('exec', 'always', 'echo', 'up')).toBe('up\n');
  expect((await docker.inspect('always')).State).toMatchObject({ Status: 'running', Pid: second.State.Pid });
  process.kill(second.State.Pid, 'SIGKILL');
  await eventually(async () => {
    const { State } = await docker.inspect('always');
    expect(State).toMatchObject({ Status: 'running' });
    expect(State.Pid).not.toBe(second.State.Pid);
  });
  await docker.ok('rm', '-f', 'always');
});
