/**
 * Message types by full proto name, built from the generated descriptors on first use. A package is added together with
 * the packages it refers to, so a command that speaks one service does not pay for the others.
 */
import protobuf from 'protobufjs/light.js';
import { GantryError } from '../base/errors.ts';
import descriptors from './gen/descriptors.json' with { type: 'json' };
import type { Messages, Services } from './gen/index.ts';

export type MessageName = keyof Messages;
export type ServiceName = keyof Services;

interface PackageDescriptor {
  readonly uses: readonly string[];
  readonly nested: Record<string, protobuf.AnyNestedObject>;
}

const packages = descriptors as unknown as Readonly<Record<string, PackageDescriptor>>;
const root = new protobuf.Root();
const added = new Set<string>();
const types = new Map<string, protobuf.Type>();
const services = new Map<string, protobuf.Service>();

/** The type of a message. Throws not-found for a name that no descriptor has. */
export function messageType(name: string): protobuf.Type {
  return find(types, name, (object) => object instanceof protobuf.Type, 'message');
}

/** The methods of a service. Throws not-found for a name that no descriptor has. */
export function serviceType(name: string): protobuf.Service {
  return find(services, name, (object) => object instanceof protobuf.Service, 'service');
}

/** Whether a full name, as found in an Any, is a message of ours. */
export function isMessageName(name: string): name is MessageName {
  return lookup(name) instanceof protobuf.Type;
}

function find<T extends protobuf.ReflectionObject>(
  cache: Map<string, T>,
  name: string,
  matches: (object: protobuf.ReflectionObject | null) => object is T,
  what: string,
): T {
  const known = cache.get(name);
  if (known) return known;
  const object = lookup(name);
  if (!matches(object)) throw new GantryError('not-found', `proto ${what} ${name}`);
  cache.set(name, object);
  return object;
}

/** A nested message has no package of its own name: the longest known prefix is its package. */
function lookup(name: string): protobuf.ReflectionObject | null {
  for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
    const packageName = name.slice(0, end);
    if (!Object.hasOwn(packages, packageName)) continue;
    addPackage(packageName);
    return root.lookup(`.${name}`);
  }
  return null;
}

function addPackage(packageName: string): void {
  if (added.has(packageName)) return;
  added.add(packageName);
  const descriptor = packages[packageName];
  if (!descriptor) throw new GantryError('internal', `proto package ${packageName} is not in the descriptors`);
  for (const used of descriptor.uses) addPackage(used);
  root.define(packageName).addJSON(descriptor.nested).resolveAll();
}
