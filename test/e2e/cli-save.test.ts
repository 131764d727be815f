import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { execa } from 'execa';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { image } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

interface Inspected {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Config: { readonly Cmd: readonly string[] };
  readonly RootFS: { readonly Layers: readonly string[] };
}

scenario('save and load bring an image back, by files and pipes', async (side) => {
  const gantry = new Gantry(side);
  const path = join(side.daemon.folder, 'saved.tar');
  expect(await gantry.ok('tag', image, 'saved:1', 'example.org/saved:2')).toBe(
    'docker.io/library/saved:1\nexample.org/saved:2\n',
  );
  const digest = (await gantry.json<{ name: string; digest: string }[]>('images', 'saved:1'))[0]?.digest;
  expect(await gantry.try(['save', '-o', path, 'saved:1', 'example.org/saved:2'])).toEqual({
    stdout: '',
    stderr: '',
    code: 0,
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const members = execFileSync('tar', ['tf', path]).toString().split('\n');
  expect(members).toEqual(expect.arrayContaining(['oci-layout', 'index.json', 'manifest.json']));
  await gantry.ok('rmi', 'saved:1', 'example.org/saved:2');
  expect(await gantry.ok('load', '-i', path)).toBe('docker.io/library/saved:1\nexample.org/saved:2\n');
  expect(await gantry.json('images', 'saved:1')).toMatchObject([{ digest }]);
  await gantry.ok('rmi', 'saved:1', 'example.org/saved:2');
  expect(await gantry.try(['load', '-q'], gzipSync(readFileSync(path)))).toMatchObject({ code: 0, stderr: '' });
  expect(await gantry.ok('run', '--rm', 'saved:1', 'echo', 'hi')).toBe('hi\n');
  const argv = gantry.argv('save', 'saved:1', 'example.org/saved:2');
  const piped = await execa(argv[0] ?? '', argv.slice(1), { encoding: 'buffer', env: gantry.env });
  expect(readFileSync(path).equals(piped.stdout)).toBe(true);
  await gantry.ok('rmi', 'saved:1', 'example.org/saved:2');
});

scenario('save compresses, and stops when nobody reads', async (side) => {
  const gantry = new Gantry(side);
  const path = (name: string) => join(side.daemon.folder, name);
  await gantry.ok('save', '-o', path('plain.tar'), image);
  await gantry.ok('save', '--compress', 'gzip', '-o', path('archive.gz'), image);
  await gantry.ok('save', '--compress', 'zstd', '-o', path('archive.zst'), image);
  const plain = readFileSync(path('plain.tar'));
  expect(plain.equals(zstdDecompressSync(readFileSync(path('archive.zst'))))).toBe(true);
  expect(execFileSync('gzip', ['-t', path('archive.gz')]).length).toBe(0);
  expect(await gantry.ok('load', '-i', path('archive.zst'))).toBe(`${image}\n`);
  const argv = gantry.argv('save', image).map((part) => `'${part}'`);
  const { stdout } = await execa('bash', ['-c', `${argv.join(' ')} | head -c 10 >/dev/null; echo \${PIPESTATUS[0]}`]);
  expect(stdout).toBe('141');
});

scenario('save leaves no file behind when it fails, and writes to no terminal', async (side) => {
  const gantry = new Gantry(side);
  const folder = join(side.daemon.folder, 'out');
  mkdirSync(folder);
  const failures = [
    [['save', '-o', join(folder, 'a'), 'absent'], /^gantry: image "absent": not found/],
    [['save', '-o', join(folder, 'no', 'a'), image], /^gantry: .*no such file or directory/],
    [['save', '-o', folder, image], /^gantry: .*is a directory|illegal operation on a directory/],
    [['save', '--compress', 'xz', image], /^gantry: --compress "xz": must be gzip or zstd/],
    [['load', '-i', '/no/such/file'], /no such file/],
    [['load', '-i', join(side.daemon.folder)], /is a directory/],
  ] as const;
  for (const [args, message] of failures) {
    const { stdout, stderr, code } = await gantry.try(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  }
  expect(readdirSync(folder)).toEqual([]);
  await using saving = new TerminalSession(gantry.argv('save', image));
  expect(await saving.ended()).toMatchObject({ code: 1 });
  expect(saving.output).toMatch(/^gantry: standard output is a terminal/);
  await using loading = new TerminalSession(gantry.argv('load'));
  expect(await loading.ended()).toMatchObject({ code: 1 });
  expect(loading.output).toMatch(/^gantry: standard input is a terminal/);
  expect(existsSync(join(folder, 'a'))).toBe(false);
});

scenario('inspect and history describe an image, inspect a container too', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('tag', image, 'also:1');
  const [inspected] = await gantry.json<Inspected[]>('inspect', 'also:1');
  expect(inspected).toMatchObject({
    Id: expect.stringMatching(/^sha256:/),
    RepoTags: expect.arrayContaining(['also:1']),
  });
  expect(inspected?.Config.Cmd).toEqual(['sh']);
  const steps = await gantry.json<{ digest: string; blobBytes: number; unpackedBytes: number | null }[]>(
    'history',
    image,
  );
  expect(steps.length).toBe(inspected?.RootFS.Layers.length);
  expect(await gantry.ok('history', '-q', image)).toBe(`${steps[0]?.digest}\n`);
  await gantry.ok('run', '--name', 'described', '-e', 'A=b', image, 'sh', '-c', 'exit 3').catch(() => undefined);
  const [history] = await gantry.json<{ unpackedBytes: number }[]>('history', image);
  expect(history?.unpackedBytes).toBeGreaterThan(steps[0]?.blobBytes ?? 0);
  expect(await gantry.ok('history', image)).toMatch(
    /^LAYER +CREATED +CREATED BY +SIZE +BLOB SIZE +COMMENT\n[0-9a-f]{12} /,
  );
  expect(await gantry.json('inspect', 'described', 'also:1')).toMatchObject([
    {
      Id: 'described',
      Path: 'sh',
      Args: ['-c', 'exit 3'],
      State: { Status: 'exited', Running: false, Pid: 0, ExitCode: 3 },
      Image: image,
      Config: { Env: expect.arrayContaining(['A=b']) },
    },
    { Id: inspected?.Id },
  ]);
  const { stdout, stderr, code } = await gantry.try(['inspect', 'absent', 'also:1', '--type', 'image']);
  expect(JSON.parse(stdout)).toHaveLength(1);
  expect({ stderr, code }).toEqual({ stderr: 'gantry: image "absent": not found\n', code: 1 });
  expect((await gantry.try(['inspect', 'absent'])).stderr).toBe('gantry: "absent": no such container or image\n');
  await gantry.ok('rm', 'described');
  await gantry.ok('rmi', 'also:1');
});

scenario('images takes names, patterns and filters', async (side) => {
  const gantry = new Gantry(side);
  await gantry.ok('tag', image, 'one:1', 'one:2', 'r.example:5000/two:1');
  const names = async (...args: string[]) => (await gantry.ok('images', '-q', ...args)).split('\n').filter(Boolean);
  expect(await names('one')).toEqual(['docker.io/library/one:1', 'docker.io/library/one:2']);
  expect(await names('-f', 'reference=*two*')).toEqual(['r.example:5000/two:1']);
  expect(await names('-f', 'name~=":2$"')).toEqual(['docker.io/library/one:2']);
  expect(await names('-f', 'label=absent')).toEqual([]);
  await gantry.ok('rmi', ...(await names('one')), 'r.example:5000/two:1');
});
