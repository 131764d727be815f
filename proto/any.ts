/**
 * google.protobuf.Any as containerd writes it: the bare message name as type URL and binary protobuf as value, or one of a
 * few registered names whose value is JSON. Readers also accept a name behind a `prefix/`.
 */
import { GantryError, messageOf } from '../base/errors.ts';
import { decode, encode, type Init, type Messages } from './codec.ts';
import { isMessageName, type MessageName } from './registry.ts';

export type Any = Messages['google.protobuf.Any'];

const OCI = 'types.containerd.io/opencontainers/runtime-spec/1';

/** The registered names, whose values are JSON. */
export const JSON_TYPES = {
  spec: `${OCI}/Spec`,
  process: `${OCI}/Process`,
  linuxResources: `${OCI}/LinuxResources`,
  windowsResources: `${OCI}/WindowsResources`,
  features: `${OCI}/features/Features`,
  criContainerMetadata: 'github.com/containerd/cri/pkg/store/container/Metadata',
  criSandboxMetadata: 'github.com/containerd/cri/pkg/store/sandbox/Metadata',
  criUpdatedResources: 'io.containerd.cri.v1/UpdatedResources',
  unexpectedStatus: 'github.com/containerd/containerd/v2/core/remotes/errors/ErrUnexpectedStatus',
  decryptPayload: 'io.containerd.ocicrypt.v1.Payload',
  ctrNetworkMetaData: 'github.com/containerd/containerd/v2/cmd/ctr/commands/NetworkMetaData',
} as const;

export type JsonTypeUrl = (typeof JSON_TYPES)[keyof typeof JSON_TYPES];

const jsonTypeUrls: ReadonlySet<string> = new Set(Object.values(JSON_TYPES));

/** An Any that holds a message. */
export function pack<Name extends MessageName>(name: Name, init: Init<Messages[Name]>): Any {
  return { typeUrl: name, value: encode(name, init) };
}

/** An Any that holds a JSON value under a registered name. */
export function packJson(typeUrl: JsonTypeUrl, value: unknown): Any {
  return { typeUrl, value: Buffer.from(JSON.stringify(value)) };
}

/** The name by which to read a type URL: registered names as they are, else what follows the last slash. */
export function typeNameOf(typeUrl: string): string {
  return jsonTypeUrls.has(typeUrl) ? typeUrl : typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
}

/** Whether an Any holds that message. */
export function holds(any: Any | null | undefined, name: MessageName): any is Any {
  return any !== null && any !== undefined && typeNameOf(any.typeUrl) === name;
}

/** The message in an Any. Throws invalid-argument when it holds another type or malformed bytes. */
export function unpack<Name extends MessageName>(name: Name, any: Any): Messages[Name] {
  if (typeNameOf(any.typeUrl) !== name) throw unexpectedType(name, any);
  return decode(name, any.value);
}

/** The JSON value in an Any of a registered name. Throws invalid-argument for another type or malformed JSON. */
export function unpackJson(typeUrl: JsonTypeUrl, any: Any): unknown {
  if (any.typeUrl !== typeUrl) throw unexpectedType(typeUrl, any);
  return parseJson(any);
}

/**
 * Whatever an Any holds, for printing: a message, a JSON value, or `undefined` when the type is not known here.
 * Throws invalid-argument when the bytes do not fit the type.
 */
export function unpackKnown(any: Any): unknown {
  if (jsonTypeUrls.has(any.typeUrl)) return parseJson(any);
  const name = typeNameOf(any.typeUrl);
  return isMessageName(name) ? decode(name, any.value) : undefined;
}

function unexpectedType(expected: string, any: Any): GantryError {
  return new GantryError('invalid-argument', `expected ${expected}, got ${JSON.stringify(any.typeUrl)}`);
}

function parseJson(any: Any): unknown {
  try {
    return JSON.parse(any.value.toString('utf8'));
  } catch (error) {
    throw new GantryError('invalid-argument', `malformed ${any.typeUrl}: ${messageOf(error)}`, { cause: error });
  }
}
