import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gantry } from '../helpers/gantry.ts';
import {
  busyboxOciImage,
  machineArchitecture,
  noise,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
} from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo } from '../helpers/skopeo.ts';

const { username, password } = registryUser;
const stack = new AsyncDisposableStack();
let side: Side;
let gantry: Gantry;
let open: Registry;
let locked: Registry;
let box: OciImage;
/** An index of this machine's busybox and something else for another. */
let index: OciImage;

beforeAll(async () => {
  // Logins are kept in files of our own.
  const home = stack.use(new TempFolder());
  process.env['DOCKER_CONFIG'] = home.path;
  open = stack.use(await Registry.start());
  locked = stack.use(await Registry.start({ password: true }));
  side = stack.use(await Side.start('gantryd'));
  gantry = new Gantry(side);
  box = await busyboxOciImage();
  const other = ociImage({ layers: [await noiseLayer('other', 4096)], architecture: 's390x' });
  index = ociIndex([
    { image: box, architecture: machineArchitecture },
    { image: other, architecture: 's390x' },
  ]);
  await pushBySkopeo(index, `${open.host}/box:1`);
  await pushBySkopeo(box, `${open.host}/box:2`);
  await pushBySkopeo(box, `${locked.host}/box:1`, `--dest-creds=${username}:${password}`);
});

afterAll(async () => {
  delete process.env['DOCKER_CONFIG'];
  await stack.disposeAsync();
});

const configPath = () => join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');

async function removeAll(): Promise<void> {
  const names = (await gantry.ok('images', '-q')).trim();
  if (names !== '') await gantry.ok('rmi', ...names.split('\n'));
}

test('pull brings an image that runs, and says what it is', async () => {
  const name = `${open.host}/box:1`;
  const { stdout, stderr, code } = await gantry.try(['pull', name]);
  expect({ stdout, code }).toEqual({ stdout: `${name}@${index.root.digest}\n`, code: 0 });
  expect(stderr).toMatch(/^layer-sha256:[0-9a-f]{64}: complete \(1\.0 MiB\)$/m);
  expect(stderr).toMatch(/^layer-sha256:[0-9a-f]{64}: extracted \(1\.0 MiB\)$/m);
  expect(stderr).toMatch(/\n[\d.]+ MiB in [\d.]+ s \([\d.]+ \w+\/s\)\n$/);
  expect(await gantry.ok('run', '--rm', '--pull', 'never', name, 'echo', 'hi')).toBe('hi\n');
  const again = await gantry.try(['pull', name]);
  expect(again.stderr).toMatch(/: already exists .*\neverything was there already\n$/s);
  await removeAll();
});

test('pull -q prints the name alone, --json an object per event', async () => {
  const name = `${open.host}/box:2`;
  const lines = (await gantry.ok('pull', '--json', name)).trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event: string; name: string });
  expect(events.at(-1)).toEqual({ event: 'pulled', name, digest: box.root.digest, mediaType: box.root.mediaType });
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['waiting', 'complete', 'extracted', 'saved']),
  );
  expect(await gantry.try(['pull', '-q', name])).toEqual({ stdout: `${name}\n`, stderr: '', code: 0 });
  const quiet = await gantry.json<{ event: string }>('pull', '-q', name);
  expect(quiet.event).toBe('pulled');
  await removeAll();
});

test('pull takes other platforms, and says which there are', async () => {
  const name = `${open.host}/box:1`;
  const missing = await gantry.try(['pull', '-q', '--platform', 'linux/riscv64', name]);
  expect(missing).toMatchObject({ stdout: '', code: 1 });
  expect(missing.stderr).toMatch(/^gantry: .*linux\/riscv64[^\n]*\n$/);
  expect(await gantry.json('images')).toEqual([]);
  await gantry.ok('pull', '-q', '--no-unpack', '--platform', 'linux/s390x', name);
  expect(await side.ctr.ok('snapshots', 'ls')).not.toContain('sha256:');
  const inspected = await gantry.json<{ Architecture: string }[]>('inspect', '--platform', 'linux/s390x', name);
  expect(inspected).toMatchObject([{ Architecture: 's390x' }]);
  // Only the documents of this machine's platform are here.
  expect((await gantry.try(['run', '--rm', '--pull', 'never', name, 'true'])).code).toBe(125);
  await gantry.ok('pull', '-q', '--all-platforms', name);
  expect(await gantry.ok('run', '--rm', '--pull', 'never', name, 'echo', 'hi')).toBe('hi\n');
  const both = await gantry.try(['pull', '--platform', 'linux/amd64', '--all-platforms', name]);
  expect(both.stderr).toContain('exclude each other');
  await removeAll();
});

test('what a registry refuses is one line that says what and why', async () => {
  const absent = await gantry.try(['pull', '-q', `${open.host}/absent:1`]);
  expect(absent).toMatchObject({ stdout: '', code: 1 });
  expect(absent.stderr).toMatch(/^gantry: resolve 127\.0\.0\.1:\d+\/absent:1: .*404 .*manifest.unknown[^\n]*\n$/i);
  const nobody = await gantry.try(['pull', '-q', '127.0.0.1:1/box:1']);
  expect(nobody.stderr).toMatch(/^gantry: [^\n]*127\.0\.0\.1:1[^\n]*refused[^\n]*\n$/i);
  const anonymous = await gantry.try(['pull', '-q', `${locked.host}/box:1`]);
  expect(anonymous.stderr).toMatch(/^gantry: [^\n]* 401 unauthorized[^\n]*\n$/);
  expect(anonymous.stderr).toContain(
    `there are none in ${configPath()}; "gantry login ${locked.host}" puts some there`,
  );
  const wrong = await gantry.try(['pull', '-q', '--user', `${username}:wrong`, `${locked.host}/box:1`]);
  expect(wrong.stderr).toContain(`it was shown those of "${username}" from --user`);
  expect(wrong.stderr).not.toContain('wrong');
  expect(await gantry.json('images')).toEqual([]);
});

test('pull takes credentials from an option, and from docker files and programs', async () => {
  const name = `${locked.host}/box:1`;
  expect(await gantry.ok('pull', '-q', '--user', `${username}:${password}`, name)).toBe(`${name}\n`);
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  mkdirSync(join(process.env['DOCKER_CONFIG'] ?? ''), { recursive: true });
  for (const config of [
    { auths: { [locked.host]: { auth } } },
    { auths: { [`http://${locked.host}/v1/`]: { auth } } },
  ]) {
    writeFileSync(configPath(), JSON.stringify(config));
    expect(await gantry.ok('pull', '-q', name)).toBe(`${name}\n`);
  }
  writeFileSync(configPath(), JSON.stringify({ auths: { [locked.host]: { auth: 'not base64!' } } }));
  const broken = await gantry.try(['pull', '-q', name]);
  expect(broken.stderr).toBe(`gantry: docker configuration ${configPath()}: "${locked.host}": auth is not base64\n`);
  writeFileSync(configPath(), JSON.stringify({ credsStore: 'absent' }));
  const absent = await gantry.try(['pull', '-q', name]);
  expect(absent.stderr).toBe('gantry: credential helper docker-credential-absent: no such program in PATH\n');
  // Nobody asks for what nobody wants.
  expect(await gantry.ok('pull', '-q', `${open.host}/box:2`)).toBe(`${open.host}/box:2\n`);
  writeFileSync(configPath(), '{}');
  await removeAll();
});

test('run pulls what is missing, or always, or never', async () => {
  const name = `${open.host}/box:2`;
  const missing = await gantry.try(['run', '--rm', '--pull', 'never', name, 'true']);
  expect(missing).toMatchObject({ code: 125, stderr: expect.stringContaining('"gantry pull"') });
  const first = await gantry.try(['run', '--rm', name, 'echo', 'hi']);
  expect(first).toMatchObject({ stdout: 'hi\n', code: 0, stderr: expect.stringContaining('extracted') });
  expect(await gantry.try(['run', '--rm', name, 'echo', 'hi'])).toEqual({ stdout: 'hi\n', code: 0, stderr: '' });
  const always = await gantry.try(['run', '--rm', '--pull', 'always', name, 'echo', 'hi']);
  expect(always).toMatchObject({ stdout: 'hi\n', stderr: expect.stringContaining('everything was there already') });
  const absent = await gantry.try(['run', '--rm', `${open.host}/absent:1`, 'true']);
  expect(absent.code).toBe(125);
  expect(absent.stderr).toMatch(
    /\ngantry: image "[^"]*" is not in namespace \S+, and could not be pulled: [^\n]*404[^\n]*\n$/,
  );
  await removeAll();
});

test('a daemon that pulls nothing is said to, and run says what else can be done', async () => {
  await using peer = await Side.start('containerd');
  const pull = await new Gantry(peer).try(['pull', `${open.host}/box:1`]);
  expect(pull).toMatchObject({ stdout: '', code: 1 });
  expect(pull.stderr).toMatch(/^gantry: the daemon at \S+ does not transfer images itself[^\n]*\n$/);
  const run = await new Gantry(peer).try(['run', '--rm', `${open.host}/box:1`, 'true']);
  expect(run).toMatchObject({ code: 125, stderr: expect.stringContaining('"gantry import"') });
});

test('a terminal sees layers move, and is left clean', async () => {
  const big = ociImage({ layers: [noiseTar('a'), noiseTar('b')], compression: 'none' });
  const name = `${open.host}/big:1`;
  await pushBySkopeo(big, name);
  for (const columns of [100, 20]) {
    await using session = new TerminalSession(gantry.argv('pull', '--no-unpack', name), { rows: 10, columns });
    expect(await session.ended()).toMatchObject({ code: 0 });
    const { output } = session;
    // Every redraw goes back as many lines as it has drawn, so that nothing of it stays.
    expect(shown(output)).toMatch(new RegExp(`^[^\\n]*\\n${name}@${big.root.digest}\\n$`));
    const widths = output.split(/\r\n|\n/).map((line) => line.replaceAll(/\p{Cc}\[\d*[A-Z]|\r/gu, '').length);
    // The last two lines are no drawing.
    expect(Math.max(...widths.slice(0, -3))).toBeLessThan(columns);
    await removeAll();
  }
});

/** What a terminal shows in the end of what was written to it: only moves up and erases are known. */
function shown(output: string): string {
  let text = '';
  for (const [piece, up] of output.replaceAll('\r\n', '\n').matchAll(/\p{Cc}\[(\d+)A\r\p{Cc}\[J|[\P{Cc}\n]+/gu)) {
    if (up === undefined) text += piece;
    else
      text = `${text
        .split('\n')
        .slice(0, -1 - Number(up))
        .join('\n')}\n`.replace(/^\n$/, '');
  }
  return text;
}

function noiseTar(seed: string): Buffer {
  return noise(seed, 8 << 20);
}
