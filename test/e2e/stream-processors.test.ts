import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, expect } from 'vitest';
import { writeBlob } from '../../client/content/write.ts';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import type { Side } from '../helpers/side.ts';

const folder = mkdtempSync(join(tmpdir(), 'gs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Notes what it is given and decompresses; without the right payload it fails. */
const script = `#!/bin/sh
echo "$STREAM_PROCESSOR_MEDIATYPE $MINE" >${folder}/environment
cat <&3 >${folder}/payload || { echo no key was given >&2; exit 7; }
exec xz -dc
`;
const program = join(folder, 'decoder');
writeFileSync(program, script);
chmodSync(program, 0o755);

const mediaType = 'application/vnd.oci.image.layer.v1.tar';
const id = 'org.example.decoder';
const config = `
[stream_processors."${id}"]
accepts = ["${mediaType}+xz+secret"]
returns = "${mediaType}+gzip"
path = "${program}"
env = ["MINE=x"]
[stream_processors.plainxz]
accepts = ["${mediaType}+xz"]
returns = "${mediaType}"
path = "xz"
args = ["-dc"]
`;
const { scenario } = bothDaemons({ daemon: { config: `${collectWhenAsked}\n${config}` } });

interface Layer {
  readonly compressed: Buffer;
  readonly mediaType: string;
  readonly payloads?: Record<string, { typeUrl: string; value: Buffer }>;
}

async function apply({ client }: Side, key: string, { compressed, mediaType: type, payloads = {} }: Layer) {
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Prepare({ snapshotter: 'overlayfs', key });
  const digest = `sha256:${createHash('sha256').update(compressed).digest('hex')}`;
  await writeBlob(client, [compressed], { sizeBytes: compressed.length, digest });
  const diff = { mediaType: type, digest, size: compressed.length };
  const request = { diff, mounts, payloads };
  const { applied } = await client.service('containerd.services.diff.v1.Diff').Apply(request);
  return { applied, source: mounts[0]?.source ?? '' };
}

async function tarball(name: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, mtime: new Date(0) }, 'from a layer');
  archive.finalize();
  return buffer(archive as unknown as AsyncIterable<Buffer>);
}

const xz = (input: Buffer) => execFileSync('xz', ['-c'], { input });
const gzip = (input: Buffer) => execFileSync('gzip', ['-nc'], { input });

scenario('a layer goes through the program for its media type, which gets its payload', async (side) => {
  const payloads = {
    [id]: { typeUrl: 'example.org/Key', value: Buffer.from('opens everything') },
    other: { typeUrl: 'example.org/Key', value: Buffer.from('not for it') },
  };
  const compressed = xz(gzip(await tarball('secret')));
  const { applied, source } = await apply(side, 'with', { compressed, mediaType: `${mediaType}+xz+secret`, payloads });
  expect(readFileSync(join(source, 'secret'), 'utf8')).toBe('from a layer');
  const payload = readFileSync(join(folder, 'payload'), 'latin1');
  return { applied, payload, environment: readFileSync(join(folder, 'environment'), 'utf8') };
});

scenario('a program without a payload', async (side) => {
  const { applied, source } = await apply(side, 'xz', {
    compressed: xz(await tarball('plain')),
    mediaType: `${mediaType}+xz`,
  });
  expect(existsSync(join(source, 'plain'))).toBe(true);
  return applied;
});

scenario('a program that fails and a media type without one are errors', async (side) => {
  const compressed = xz(gzip(await tarball('lost')));
  const refused = apply(side, 'without', { compressed, mediaType: `${mediaType}+xz+secret` });
  const error = await refused.then(String, String);
  // containerd may take the end of the output for an empty layer, before it knows how the program has ended.
  if (side.kind === 'gantryd') expect(error).toMatch(/stream processor org.example.decoder: .*no key was given/s);
  const unknown = apply(side, 'unknown', { compressed, mediaType: 'application/x-7z' });
  await expect(unknown).rejects.toThrow(
    'failed to get stream processor for application/x-7z: no processor for media-type',
  );
});
