import { rm } from 'node:fs/promises';
import { type ImageArchive, type ImageArchiveOptions, writeImageArchive } from './image-archive.ts';
import { type MachineFile, packShare, shares } from './machine-files.ts';

/** What kind of image. */
export interface Shape {
  /** Layers. */
  readonly count: number;
  /** Of all files in all layers. */
  readonly totalBytes: number;
}

/** Makes an archive at `path` of an image whose layers hold files of this machine. */
export async function writeMachineImage(
  path: string,
  files: readonly MachineFile[],
  { count, totalBytes, ...options }: Shape & Pick<ImageArchiveOptions, 'name' | 'compression'>,
): Promise<ImageArchive> {
  const layers: string[] = [];
  for (const [index, share] of shares(files, count, totalBytes / count).entries()) {
    layers.push(`${path}.${index}`);
    await packShare(`${path}.${index}`, share);
  }
  const image = await writeImageArchive(path, { ...options, layers });
  for (const layer of layers) await rm(layer);
  return image;
}
