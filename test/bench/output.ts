import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { randomHex } from '../../base/ids.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';
import { lineBytes, Writer } from '../helpers/writer.ts';
import { median, type Sides } from './measure.ts';
import type { Row } from './report.ts';

const outputBytes = 1_000_000_000 - (1_000_000_000 % lineBytes);
const rounds = 3;
const deadlineMs = 120_000;
const schemes = ['file', 'cri', 'json'] as const;

/** A gigabyte of output in lines of 64 bytes: how long its writer takes, so how fast the shim takes it. */
export async function output({ ours, peer }: Sides): Promise<Row[]> {
  const times = new Map<string, number[]>();
  const add = (what: string, takenMs: number) => times.set(what, [...(times.get(what) ?? []), takenMs]);
  for (let round = 0; round < rounds; round += 1) {
    for (const scheme of schemes) add(scheme, await toLog(ours, scheme));
    add('peer', await toLog(peer, 'file'));
    add('fifos', await throughFifos(ours));
    add('peer fifos', await throughFifos(peer));
  }
  const of = (what: string) => median(times.get(what) ?? []);
  const logs = schemes.map(
    (scheme): Row => ({
      what: `1 GB of output to ${scheme}:// (peer: file://)`,
      unit: 'ms',
      budget: { mostOfPeer: 0.5 },
      ours: of(scheme),
      peer: of('peer'),
    }),
  );
  const fifos = { ours: of('fifos'), peer: of('peer fifos') };
  return [...logs, { what: '1 GB of output through FIFOs to ctr', unit: 'ms', budget: { mostOfPeer: 1 }, ...fifos }];
}

async function toLog(side: Side, scheme: string): Promise<number> {
  const id = `out-${randomHex(4)}`;
  const log = join(side.daemon.folder, `${id}.log`);
  const writer = await Writer.create(join(side.daemon.folder, id));
  const command = writer.command(outputBytes, 0);
  await side.ctr.ok('run', '-d', '--log-uri', `${scheme}://${log}`, ...writer.mounts, image, id, ...command);
  const { wallUs } = await eventually(() => writer.result(), { deadlineMs });
  await side.remove(id);
  await rm(log);
  return wallUs / 1000;
}

async function throughFifos(side: Side): Promise<number> {
  const id = `out-${randomHex(4)}`;
  const writer = await Writer.create(join(side.daemon.folder, id));
  const command = writer.command(outputBytes, 0);
  const [file = '', ...args] = side.ctr.argv('run', '--rm', ...writer.mounts, image, id, ...command);
  await execa(file, args, { stdin: 'ignore', stdout: 'ignore' });
  return (await writer.result()).wallUs / 1000;
}
