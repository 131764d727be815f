import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { OciImage } from './oci-image.ts';
import { TempFolder } from './paths.ts';

const deadlineMs = 60_000;

/** Runs Debian's skopeo, which has to succeed, and returns its standard output. Certificates are not checked. */
export async function skopeo(command: string, ...args: string[]): Promise<string> {
  const verify = command === 'copy' ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : ['--tls-verify=false'];
  const { stdout } = await execa('skopeo', ['--insecure-policy', command, ...verify, ...args], { timeout: deadlineMs });
  return stdout;
}

/**
 * Pushes an image, with all platforms of an index, as it is: the digest in the registry is that of its root.
 * `target` is host, repository and tag; `flags` are skopeo's.
 */
export async function pushBySkopeo(image: OciImage, target: string, ...flags: string[]): Promise<void> {
  using folder = new TempFolder();
  await writeLayout(image, folder.path);
  await skopeo('copy', '--all', '--preserve-digests', ...flags, `oci:${folder.path}:image`, `docker://${target}`);
}

/** Writes an image into a folder as an OCI layout, where skopeo and umoci find it under the tag `image`. */
export async function writeLayout(image: OciImage, folder: string): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const [digest, bytes] of image.blobs) await writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  const manifests = [{ ...image.root, annotations: { 'org.opencontainers.image.ref.name': 'image' } }];
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
