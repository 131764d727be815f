import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { image, type Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

async function withContainer<T>(side: Side, body: (gantry: Gantry) => Promise<T>): Promise<T> {
  const gantry = new Gantry(side);
  await gantry.ok('run', '-d', '--name', 'box', '-e', 'BASE=1', '-w', '/etc', image, 'sleep', '1000');
  try {
    return await body(gantry);
  } finally {
    await gantry.ok('rm', '-f', 'box');
  }
}

scenario('exec has the outputs, the status and the input of its process', (side) =>
  withContainer(side, async (gantry) => {
    expect(await gantry.try(['exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 6'])).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 6,
    });
    const input = 'x'.repeat(1_000_000);
    expect(await gantry.try(['exec', '-i', 'box', 'wc', '-c'], input)).toMatchObject({ stdout: '1000000\n', code: 0 });
    const { stdout } = await gantry.try(['exec', 'box', 'sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x']);
    expect(stdout.length).toBe(3_000_000);
  }),
);

scenario("exec starts from the container's process and takes flags of its own", (side) =>
  withContainer(side, async (gantry) => {
    const script = 'pwd; echo $BASE $MORE; id -u; id -g';
    expect(await gantry.ok('exec', 'box', 'sh', '-c', script)).toBe('/etc\n1\n0\n0\n');
    const flags = ['-w', '/', '-e', 'MORE=2', '-u', 'daemon'];
    expect(await gantry.ok('exec', ...flags, 'box', 'sh', '-c', script)).toBe('/\n1 2\n1\n1\n');
  }),
);

scenario('exec has no inheritable capabilities and no descriptors of ours', (side) =>
  withContainer(side, async (gantry) => {
    const script = 'grep CapInh /proc/self/status; ls /proc/self/fd | wc -l';
    const { stdout } = await gantry.try(['exec', 'box', 'sh', '-c', script]);
    // 0, 1, 2, and the folder that ls reads.
    expect(stdout).toBe('CapInh:\t0000000000000000\n4\n');
  }),
);

scenario('exec -d does not wait', (side) =>
  withContainer(side, async (gantry) => {
    expect(await gantry.ok('exec', '-d', 'box', 'sh', '-c', 'usleep 100000; echo done > /tmp/mark')).toBe('');
    await eventually(async () => expect(await gantry.ok('exec', 'box', 'cat', '/tmp/mark')).toBe('done\n'));
  }),
);

scenario('exec fails as run does', (side) =>
  withContainer(side, async (gantry) => {
    expect(await gantry.try(['exec', 'box', 'nope'])).toMatchObject({ code: 127 });
    expect(await gantry.try(['exec', 'box', '/etc/passwd'])).toMatchObject({ code: 126 });
    expect(await gantry.try(['exec', 'missing', 'true'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('container "missing"'),
    });
    expect(await gantry.try(['exec', '-u', 'nobody-here', 'box', 'true'])).toMatchObject({ code: 125 });
    expect(await gantry.ok('exec', 'box', 'true')).toBe('');
    expect(await gantry.try(['exec', 'box'])).toMatchObject({ code: 125 });
  }),
);

scenario('exec passes signals on', (side) =>
  withContainer(side, async (gantry) => {
    const script = 'trap "echo terminated; exit 5" TERM; echo ready; while :; do usleep 10000; done';
    const running = gantry.start('exec', 'box', 'sh', '-c', script);
    running.stdout.once('data', () => running.kill('SIGTERM'));
    expect(await running).toMatchObject({ stdout: 'ready\nterminated', exitCode: 5 });
  }),
);
