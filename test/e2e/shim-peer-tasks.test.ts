import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { criuWorks } from '../helpers/criu.ts';
import { buildFolder, shortTempFolder } from '../helpers/paths.ts';
import type { SideOptions } from '../helpers/side.ts';
import * as badInput from './bad-input-tasks.ts';
import * as checkpoints from './ctr-checkpoint.ts';
import * as tasks from './ctr-tasks.ts';

/** Our shim under the name of containerd's. */
const folder = shortTempFolder();
mkdirSync(folder, { recursive: true });
symlinkSync(join(buildFolder, 'containerd-shim-gantry-v1'), join(folder, 'containerd-shim-runc-v2'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each daemon with the other's shim: whatever `ctr tasks` can do has to come out the same. */
const exchanged: Record<'containerd' | 'gantryd', SideOptions> = {
  containerd: { image: true, daemon: { path: [folder] } },
  gantryd: {
    image: true,
    daemon: { config: '[gantry.runtimes]\n"io.containerd.runc.v2" = "/usr/bin/containerd-shim-runc-v2"' },
  },
};

describe('with exchanged shims', () => {
  tasks.declare(bothDaemons((kind) => exchanged[kind]).scenario);

  badInput.declare(bothDaemons((kind) => exchanged[kind]).scenario);

  describe.skipIf(!criuWorks())('with criu', () => {
    checkpoints.declare(bothDaemons((kind) => exchanged[kind]).scenario);
  });
});
