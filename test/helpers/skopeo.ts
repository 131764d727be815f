import { writeFile } from 'node:fs/promises';
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
  await writeFolder(image, folder.path);
  await skopeo('copy', '--all', '--preserve-digests', ...flags, `dir:${folder.path}`, `docker://${target}`);
}

/** The only format of skopeo's that takes every media type: files named by digest, manifests apart. */
async function writeFolder({ root, blobs }: OciImage, folder: string): Promise<void> {
  for (const [digest, bytes] of blobs) {
    const hex = digest.slice('sha256:'.length);
    // What is a manifest is known by what the root says; under both names it is found as either.
    for (const name of [hex, `${hex}.manifest.json`]) await writeFile(join(folder, name), bytes);
    if (digest === root.digest) await writeFile(join(folder, 'manifest.json'), bytes);
  }
  await writeFile(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
}
