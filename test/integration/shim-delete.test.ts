import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildFolder, TempFolder } from '../helpers/paths.ts';

const hierarchy = '/sys/fs/cgroup/pids';

test.runIf(existsSync(hierarchy))('the cgroups of a create that was killed half-way are removed', () => {
  using folder = new TempFolder();
  const namespace = `gt-half-${process.pid}`;
  const [bundle, state] = [join(folder.path, 'b', 'half'), join(folder.path, 'runc', namespace, 'half')];
  for (const path of [bundle, state]) mkdirSync(path, { recursive: true });
  const cgroupsPath = `/${namespace}/half`;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ociVersion: '1.0.2', linux: { cgroupsPath } }));
  const cgroup = join(hierarchy, cgroupsPath);
  mkdirSync(cgroup, { recursive: true });
  try {
    // Ends while the shim waits for it, as the runtime's child does when its parent was killed.
    execFileSync('sh', ['-c', `(echo 0 > ${cgroup}/cgroup.procs && exec sleep 0.3) >/dev/null 2>&1 & sleep 0.1`]);
    const args = ['-namespace', namespace, '-id', 'half', '-address', '/none', '-bundle', bundle, 'delete'];
    execFileSync(join(buildFolder, 'containerd-shim-gantry-v1'), args, {
      cwd: bundle,
      env: { ...process.env, GANTRY_RUNC_ROOT: join(folder.path, 'runc') },
    });
    expect(existsSync(cgroup), 'cgroup').toBe(false);
    expect(existsSync(state), 'state of the runtime').toBe(false);
  } finally {
    if (existsSync(cgroup)) rmdirSync(cgroup);
    rmdirSync(join(hierarchy, namespace));
  }
});
