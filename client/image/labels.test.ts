import { expect, test } from 'vitest';
import { containerLabelsOf } from './labels.ts';

test('containerLabelsOf keeps an image from steering the daemon or us', () => {
  const kept = { 'org.example': 'yes', containerd: 'fine' };
  const reserved = {
    'containerd.io/restart.loguri': 'binary:///bin/sh?-c=x',
    'containerd.io/restart.status': 'running',
    'io.cri-containerd.kind': 'container',
    'gantry.io/log-uri': 'file:///etc/shadow',
    'io.containerd.image.config.stop-signal': 'SIGKILL',
  };
  expect(containerLabelsOf({ ...kept, ...reserved, long: 'x'.repeat(4093) })).toEqual(kept);
});
