import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { invalidArgument, notFound } from '../../base/errors.ts';
import type { SpecMount } from '../../client/spec/types.ts';

const aliases: ReadonlyMap<string, string> = new Map([
  ['source', 'src'],
  ['destination', 'dst'],
  ['target', 'dst'],
  ['readonly', 'ro'],
]);

/**
 * `type=bind,src=/host,dst=/in,options=rbind:ro` as ctr takes it, or with docker's `source`, `target` and `readonly`. The
 * type is bind unless given; any other type the runtime knows will do, such as tmpfs.
 * @throws GantryError invalid-argument; not-found for a source to bind that does not exist
 */
export function parseMount(text: string): SpecMount {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const key = equals === -1 ? part : part.slice(0, equals);
    fields.set(aliases.get(key) ?? key, equals === -1 ? 'true' : part.slice(equals + 1));
  }
  const { type = 'bind', src = '', dst = '', options = '', ro = 'false', ...others } = Object.fromEntries(fields);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidArgument(`mount "${text}": "${unknown}" is not a field of a mount`);
  const given = options === '' ? [] : options.split(':');
  if (ro !== 'false' && ro !== '0') given.push('ro');
  return type === 'bind'
    ? bind(text, src, dst, given)
    : { type, source: src === '' ? type : src, destination: inside(text, dst), options: given };
}

/**
 * `/host:/in[:options]`, options separated by commas, `ro` for example.
 * @throws GantryError invalid-argument; not-found for a host path that does not exist
 */
export function parseVolume(text: string): SpecMount {
  const [source = '', destination = '', options = '', ...rest] = text.split(':');
  if (source === '' || destination === '' || rest.length > 0) {
    throw invalidArgument(`volume "${text}": must be /host/path:/container/path or /host/path:/container/path:options`);
  }
  return bind(text, source, destination, options === '' ? [] : options.split(','));
}

function bind(text: string, source: string, destination: string, options: string[]): SpecMount {
  if (source === '') throw invalidArgument(`mount "${text}": has no source`);
  const path = resolve(source);
  if (!existsSync(path)) throw notFound(`mount "${text}": ${path} does not exist`);
  const isBind = options.includes('bind') || options.includes('rbind');
  return {
    type: 'bind',
    source: path,
    destination: inside(text, destination),
    options: isBind ? options : ['rbind', ...options],
  };
}

function inside(text: string, destination: string): string {
  if (!destination.startsWith('/')) throw invalidArgument(`mount "${text}": needs an absolute path in the container`);
  return destination;
}
