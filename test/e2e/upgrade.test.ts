import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { repository, TempFolder } from '../helpers/paths.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

/** The last build whose shims left no record of their container in the bundle. */
const previousCommit = '07799ed7';

const hasHistory = spawnSync('git', ['-C', repository, 'cat-file', '-e', `${previousCommit}^{commit}`]).status === 0;
if (!hasHistory) console.warn(`upgrade tests are skipped: commit ${previousCommit} is not in this clone`);

/** Builds the shim of that commit. @returns its path */
function buildPreviousShim(folder: string): string {
  const sources = execFileSync('git', ['-C', repository, 'archive', previousCommit, 'shim', 'package.json'], {
    maxBuffer: 64 << 20,
  });
  mkdirSync(join(folder, 'build'));
  execFileSync('tar', ['-x', '-C', folder], { input: sources });
  execFileSync('make', ['-s', '-C', join(folder, 'shim')]);
  return join(folder, 'build', 'containerd-shim-gantry-v1');
}

describe.skipIf(!hasHistory)('a daemon that is newer than its shims', () => {
  let folder: TempFolder;
  let config: string;

  beforeAll(() => {
    folder = new TempFolder();
    config = `[gantry.runtimes]\n"io.containerd.runc.v2" = "${buildPreviousShim(folder.path)}"`;
  });

  afterAll(() => folder[Symbol.dispose]());

  test('goes on with their containers', async () => {
    await using side = await Side.start('gantryd', { image: true, daemon: { config } });
    const { ctr, daemon } = side;
    const script = 'while [ ! -e /tmp/stop ]; do usleep 5000; done; exit 8';
    await ctr.ok('run', '-d', image, 'old', 'sh', '-c', script);
    expect(daemon.processOf('containerd-shim').command).toContain(folder.path);
    const before = (await listTasks(side)).get('old');
    await daemon.kill();
    await daemon.start({});
    expect((await listTasks(side)).get('old')).toMatchObject({ status: 'RUNNING', pid: before?.pid });
    await ctr.ok('tasks', 'pause', 'old');
    await ctr.ok('tasks', 'resume', 'old');
    expect(await ctr.ok('tasks', 'metrics', 'old')).toContain('old');
    expect(await ctr.ok('tasks', 'exec', '--exec-id', 'e', 'old', 'echo', 'here')).toBe('here\n');
    // A new one beside it has the new shim.
    await ctr.ok('run', '-d', image, 'new', 'sleep', '1000');
    await ctr.ok('tasks', 'exec', '--exec-id', 'stop', 'old', 'touch', '/tmp/stop');
    expect(await exitOf(side, 'old')).toMatchObject({ exitStatus: 8 });
    await side.remove('old', 'new');
  });

  test('cleans up after one of them that is killed', async () => {
    await using side = await Side.start('gantryd', { image: true, daemon: { config } });
    await side.ctr.ok('run', '-d', image, 'old', 'sleep', '1000');
    await side.daemon.kill();
    await side.daemon.start({});
    await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
    process.kill(side.daemon.processOf('containerd-shim').pid, 'SIGKILL');
    await eventually(() => expect(events.seen.map(({ topic }) => topic)).toEqual(['/tasks/exit', '/tasks/delete']));
    expect(events.seen[0]?.payload).toMatchObject({ container_id: 'old', exit_status: 137 });
    await side.ctr.ok('containers', 'rm', 'old');
  });
});
