import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Where Debian's busybox-static installs its binary. */
export const busyboxPath = '/bin/busybox';

/** The name under which the image is imported. */
export const busyboxImageName = 'docker.io/library/busybox:gantry';

/** One member of a layer: a file unless `link` or `directory` says otherwise. */
export interface LayerEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly mode?: number;
  readonly symlink?: string;
  readonly directory?: true;
}

/** What to make; the defaults are one layer of busybox with a shell as the default command. */
export interface BusyboxImageOptions {
  /** Image name, default `busyboxImageName`. */
  readonly name?: string;
  /** Layers on top of busybox's own, bottom first. */
  readonly layers?: readonly (readonly LayerEntry[])[];
  /** Fields added to the `config` object of the image configuration (Env, User, Cmd, …). */
  readonly config?: Readonly<Record<string, unknown>>;
}

const applets =
  'sh ash cat echo ls ps true false sleep date kill env id pwd stty tty mount umount head tail wc grep sed awk tr cut ' +
  'seq yes dd mkdir rm rmdir touch chmod chown cp mv ln test printf printenv hostname uname df du find sort uniq xargs ' +
  'sha256sum md5sum stat sync time timeout top free mkfifo mknod nproc readlink realpath expr basename dirname tee which whoami usleep';

const platformOf: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', riscv64: 'riscv64' };

/** Layer of a root file system: busybox, a link per applet, and the users root, daemon and nobody. */
async function busyboxLayer(): Promise<LayerEntry[]> {
  return [
    ...['bin', 'dev', 'etc', 'proc', 'root', 'sys'].map((name) => ({ name, directory: true }) as const),
    { name: 'tmp', directory: true, mode: 0o1777 },
    { name: 'bin/busybox', content: await readFile(busyboxPath), mode: 0o755 },
    ...applets.split(' ').map((applet) => ({ name: `bin/${applet}`, symlink: 'busybox' })),
    {
      name: 'etc/passwd',
      content:
        'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n',
    },
    { name: 'etc/group', content: 'root:x:0:\ndaemon:x:1:\nstaff:x:50:daemon\nnogroup:x:65534:\n' },
  ];
}

/** A tar file of these members. */
export async function tarOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const archive = pack();
  const parts: Buffer[] = [];
  const collected = (async () => {
    for await (const part of archive) parts.push(part as Buffer);
  })();
  // A fixed time makes the same busybox give the same digests everywhere.
  const mtime = new Date(0);
  for (const { name, content, mode, symlink, directory } of entries) {
    if (directory) archive.entry({ name, type: 'directory', mode: mode ?? 0o755, mtime });
    else if (symlink !== undefined) archive.entry({ name, type: 'symlink', linkname: symlink, mtime });
    else archive.entry({ name, mode: mode ?? 0o644, mtime }, content ?? '');
  }
  archive.finalize();
  await collected;
  return Buffer.concat(parts);
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function describe(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** Entries of an OCI image layout with one image of busybox, as they go into an archive for `ctr images import`. */
export async function busyboxImage(options: BusyboxImageOptions = {}): Promise<LayerEntry[]> {
  const layers = await Promise.all([await busyboxLayer(), ...(options.layers ?? [])].map(tarOf));
  const blobs = layers.map((layer) => gzipSync(layer));
  const config = Buffer.from(
    JSON.stringify({
      architecture: platformOf[arch()] ?? arch(),
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'], Cmd: ['sh'], WorkingDir: '/', ...options.config },
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
      history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'busybox-image' })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: blobs.map((blob) => describe('application/vnd.oci.image.layer.v1.tar+gzip', blob)),
    }),
  );
  const name = options.name ?? busyboxImageName;
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':').at(-1) };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...describe('application/vnd.oci.image.manifest.v1+json', manifest), annotations }],
  };
  return [
    { name: 'oci-layout', content: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', content: JSON.stringify(index) },
    ...[...blobs, config, manifest].map((blob) => ({
      name: `blobs/sha256/${digestOf(blob).slice('sha256:'.length)}`,
      content: blob,
    })),
  ];
}

/** Packs entries, an image layout or a part of one, into a tar file at `path`. */
export async function writeArchive(path: string, entries: readonly LayerEntry[]): Promise<void> {
  await pipeline([await tarOf(entries)], createWriteStream(path));
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) throw new Error('usage: busybox-image.ts FILE');
  await writeArchive(path, await busyboxImage());
}
