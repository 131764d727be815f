import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import type { DaemonKind } from '../helpers/daemon.ts';
import { type ImageArchive, writeImageArchive } from '../helpers/image-archive.ts';
import { type MachineFile, machineFiles } from '../helpers/machine-files.ts';
import { TempFolder } from '../helpers/paths.ts';
import { Side } from '../helpers/side.ts';
import { StagedLayers } from '../helpers/staged-layers.ts';
import { readTree, type Tree, treeDifferences } from '../helpers/tree.ts';

const fileCount = 20_500;
const largestBytes = 16 * 1024;
/** Half a minute for all on a machine that does nothing else. */
const deadlineMs = 240_000;
const shownDifferences = 50;
const name = 'docker.io/library/trees:latest';

const pax = ['--format=pax', '--xattrs', '--xattrs-include=*'];

/** Every kind of entry, and what tools have stumbled over. */
const additions = `
  mkdir -p new/sticky new/setgid new/devices new/links
  chmod 1777 new/sticky; chmod 2750 new/setgid; chown 0:50 new/setgid
  cp /usr/bin/env new/setuid; chown 1000:1000 new/setuid; chmod 6711 new/setuid
  cp /usr/bin/env new/capable; setcap cap_net_raw,cap_setuid+ep new/capable
  setfattr -n user.note -v text new/setgid; setfattr -n user.empty new/capable
  mknod new/devices/null c 1 3; mknod new/devices/block b 259 300; mknod -m 0620 new/devices/large c 300 70000
  mkfifo -m 0604 new/fifo; : >new/empty
  ln -s /etc/passwd new/links/absolute; ln -s ../../../../outside new/links/up; ln -s missing new/links/dangling
  ln -s "$(printf '%0300d' 7)" new/links/long; ln new/setuid new/links/hard
  ln new/links/dangling new/links/hard-symlink; ln new/capable usr/capable
  long=$(printf '%0200d' 1); mkdir -p new/$long/$long; echo deep >new/$long/$long/$long
  echo latin >"new/$(printf 'caf\\351')"; echo composed >"new/$(printf 'caf\\303\\251')"; echo apart >"new/$(printf 'cafe\\314\\201')"
  echo spaces >'new/ a  b '; echo newline >"new/$(printf 'a\\nb')"; echo star >'new/*?[x]\\'
  truncate -s 3M new/sparse; printf data | dd of=new/sparse bs=1 seek=1000000 conv=notrunc status=none
  touch -d @1.000000001 new/empty; touch -d '2200-01-01 00:00:00.5' new/sticky; touch -hd @5.25 new/links/absolute
  chown -h 4000000:3000000 new/links/up
  mkdir -p t/file t/link t/gone/deep t/full; echo 1 >t/one; echo 2 >t/two; ln -s two t/three; mkfifo t/four
  mknod t/five c 1 5; touch t/file/in t/link/in t/gone/deep/in t/full/1 t/full/2; mkdir t/full/sub; touch t/full/sub/x
`;

/** Deletions, and everything in the place of everything else. */
const replacements = `
  rm -r t/file t/link t/one t/two t/three t/four t/five t/full t/gone/deep usr/share/doc/[a-c]*
  echo file >t/file; ln -s gone t/link; mkdir t/one; touch t/one/in; ln -s one t/two; mkfifo t/three; echo 4 >t/four
  echo 5 >t/five; mkdir t/full; echo only >t/full/2; mkdir t/full/sub
`;

const attributes = `
  chmod 700 t/one; chown 7:8 t/four; rm t/gone -r; rm t/full/2; mkdir t/gone; echo back >t/gone/again; rm etc/passwd
  for f in $(find etc -maxdepth 1 -type f | sort | head -40); do echo more >>$f; done; chmod 0 etc/hostname || :
  find usr/share -type f | sort | head -200 | xargs -d '\\n' chmod 640
  mv new/devices/null t/null; ln t/four t/linked
`;

const lastly = `
  truncate -s 5M t/holes; printf end | dd of=t/holes bs=1 seek=4000000 conv=notrunc status=none; chown 3000000:7 t/holes
  rm -r t/full t/one; ln -s /etc t/full; echo x >t/one; touch -d @1234567890.987654321 t/one
  echo root >etc/passwd; rm t/linked; setfattr -n user.late -v 1 t/four; chmod 711 t/null
  rm new/setuid; mv new/devices/block new/moved
`;

let folder: TempFolder;
let archive: string;
let image: ImageArchive;
let expected: Tree;

beforeAll(async () => {
  folder = new TempFolder();
  archive = join(folder.path, 'image.tar');
  const staged = new StagedLayers(folder.path);
  const list = (await chosenPaths()).map((path) => `${path}\0`).join('');
  const base = join(folder.path, 'base.tar');
  // Status 1: the machine has changed a file meanwhile.
  const tar = ['--no-recursion', '--null', '--ignore-failed-read', '--format=pax', '--xattrs', '-C', '/', '-T', '-'];
  const { exitCode } = await execa('tar', ['-cf', base, ...tar], { input: list, reject: false });
  expect(exitCode).toBeLessThan(2);
  await staged.step(`tar -xpf ${base} --xattrs --xattrs-include='*' --numeric-owner`, pax);
  await staged.step(additions, pax);
  await staged.step(replacements, ['--format=gnu'], { wholeSeconds: true });
  await staged.step(attributes, ['--format=gnu', '-S'], { wholeSeconds: true });
  await staged.step(lastly, [...pax, '-S']);
  image = await writeImageArchive(archive, { name, layers: staged.layers, compression: 'gzip' });
  expected = readTree(staged.root);
}, deadlineMs);

afterAll(() => folder[Symbol.dispose]());

/** Programs and configuration, and of the rest as much as it takes, from everywhere; with the folders they are in. */
async function chosenPaths(): Promise<string[]> {
  const isSmall = ({ sizeBytes }: MachineFile) => sizeBytes <= largestBytes;
  const rest = (await machineFiles('var/lib/dpkg', 'usr/lib', 'usr/share')).filter(isSmall);
  const stride = Math.max(Math.floor(rest.length / fileCount), 1);
  const files = (await machineFiles('etc', 'usr/bin')).filter(isSmall);
  const chosen = new Set<string>();
  for (const { path } of [...files, ...rest.filter((_, index) => index % stride === 0)]) {
    for (let above = path; above !== '.'; above = dirname(above)) chosen.add(above);
  }
  return [...chosen].sort();
}

async function unpackedBy(kind: DaemonKind): Promise<Tree> {
  await using side = await Side.start(kind);
  const { ctr } = side;
  await ctr.ok('images', 'import', '--no-unpack', archive);
  await ctr.ok('snapshots', 'unpack', image.digest);
  const root = join(folder.path, kind);
  mkdirSync(root);
  const mountCommand = await ctr.ok('snapshots', 'view', '--target', root, 'look', image.chainIds.at(-1) ?? '');
  await execa('sh', ['-c', mountCommand]);
  try {
    return readTree(root);
  } finally {
    await sys.unmount(root);
  }
}

async function unpackedByUmoci(): Promise<Tree> {
  const layout = join(folder.path, 'layout');
  mkdirSync(layout);
  await execa('tar', ['-C', layout, '-xf', archive]);
  const bundle = join(folder.path, 'bundle');
  await execa('umoci', ['unpack', '--image', `${layout}:latest`, bundle]);
  return readTree(join(bundle, 'rootfs'));
}

interface Tool {
  readonly tool: string;
  readonly unpack: () => Promise<Tree>;
  /** What it is known to get wrong, once for each of the two names of `new/capable`. */
  readonly mistake?: RegExp;
}

const tools: readonly Tool[] = [
  // It sets the owner anew for the second name of a file, which costs the file its capabilities.
  { tool: 'containerd', unpack: () => unpackedBy('containerd'), mistake: /attribute security.capability is none/ },
  // It leaves out attributes without a value.
  { tool: 'umoci', unpack: unpackedByUmoci, mistake: /attribute user.empty is none/ },
  { tool: 'gantryd', unpack: () => unpackedBy('gantryd') },
];

test.each(tools)(
  '$tool unpacks what was packed',
  async ({ unpack, mistake }) => {
    expect(expected.size).toBeGreaterThan(20_000);
    const differences = treeDifferences(expected, await unpack());
    const known = differences.filter((line) => mistake?.test(line));
    expect(known).toHaveLength(mistake === undefined ? 0 : 2);
    expect(differences.filter((line) => !known.includes(line)).slice(0, shownDifferences)).toEqual([]);
  },
  deadlineMs,
);
