import { execa } from 'execa';
import { expect } from 'vitest';
import { onBoth } from '../helpers/both.ts';
import { dockerImage as image } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { eventually } from '../helpers/eventually.ts';

/** dockerd moves interfaces into containers by a hook that runc calls between create and start. */
const { scenario } = onBoth((kind) => DockerSide.start(kind, { network: true, flags: ['--live-restore'] }));

/** Reads a page from where dockerd's bridge is, which is not the machine's own network. */
const fetchInside = async ({ dockerdPid }: DockerSide, url: string) =>
  (await execa('nsenter', [`--net=/proc/${dockerdPid}/ns/net`, 'busybox', 'wget', '-qO-', url])).stdout;

const serve = ['sh', '-c', 'mkdir /tmp/www; echo served > /tmp/www/page; exec busybox httpd -f -p 80 -h /tmp/www'];

scenario('containers reach each other by name, and are reached at published ports', async (side) => {
  const { docker } = side;
  await docker.ok('network', 'create', 'shared');
  await docker.ok('run', '-d', '--name', 'server', '--network', 'shared', '-p', '127.0.0.1:8080:80', image, ...serve);
  await eventually(async () => expect(await fetchInside(side, 'http://127.0.0.1:8080/page')).toBe('served'));
  const other = ['run', '--rm', '--network', 'shared', image, 'busybox', 'wget', '-qO-', 'http://server/page'];
  expect(await docker.ok(...other)).toBe('served\n');
  const neighbour = [
    'run',
    '--rm',
    '--network',
    'container:server',
    image,
    'busybox',
    'wget',
    '-qO-',
    'http://127.0.0.1/page',
  ];
  expect(await docker.ok(...neighbour)).toBe('served\n');
  // Neither end of the client's chain takes the network away.
  await side.daemon.crash();
  expect(await fetchInside(side, 'http://127.0.0.1:8080/page')).toBe('served');
  await eventually(async () => expect(await docker.ok('exec', 'server', 'echo', 'up')).toBe('up\n'));
  await docker.ok('restart', '--time', '0', 'server');
  await eventually(async () => expect(await fetchInside(side, 'http://127.0.0.1:8080/page')).toBe('served'));
  await docker.ok('rm', '-f', 'server');
  await docker.ok('network', 'rm', 'shared');
});
