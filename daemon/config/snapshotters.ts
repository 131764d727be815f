import type { SnapshotterSettings } from './config.ts';
import type { TomlReader } from './toml-reader.ts';

/** The snapshotters' own sections, with containerd's keys. */
export function snapshotterSettings(toml: TomlReader): SnapshotterSettings {
  const overlayfs = (name: string) => `plugins."io.containerd.snapshotter.v1.overlayfs".${name}`;
  return {
    overlayfs: {
      root: toml.string(overlayfs('root_path'), ''),
      mountOptions: toml.stringList(overlayfs('mount_options')),
      upperDirectoryLabel: toml.boolean(overlayfs('upperdir_label'), false),
      syncRemove: toml.boolean(overlayfs('sync_remove'), false),
      slowChown: toml.boolean(overlayfs('slow_chown'), false),
    },
    native: { root: toml.string('plugins."io.containerd.snapshotter.v1.native".root_path', '') },
  };
}
