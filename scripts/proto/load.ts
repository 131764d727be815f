/** Reads every .proto file below `proto/` into one protobufjs root, remembering what belongs to which file. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** File option with which a file opts all its messages into event filters. */
const FIELD_PATH_FILE_OPTION = '(containerd.types.fieldpath_all)';
/** The same for a single message; also what the loader sets on each message of such a file. */
export const FIELD_PATH_OPTION = '(containerd.types.fieldpath)';

/** One .proto file: where it lies, its package, and what it declares at top level. */
export interface ProtoFile {
  /** Path relative to `proto/`, with forward slashes. */
  readonly path: string;
  readonly packageName: string;
  readonly imports: readonly string[];
  readonly messages: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
  readonly services: readonly protobuf.Service[];
}

/** All files in path order, and the root that holds their contents. */
export interface Protos {
  readonly root: protobuf.Root;
  readonly files: readonly ProtoFile[];
}

/**
 * Loads all .proto files below `protoDir`. Imports are not followed: every import of ours lies in the same tree, except
 * `google/protobuf/descriptor.proto`, which only types the field-path options and comes with protobufjs.
 */
export function loadProtos(protoDir: string, options: { keepCase: boolean }): Protos {
  const root = new protobuf.Root();
  parseInto(root, readFileSync(descriptorPath(), 'utf8'), 'google/protobuf/descriptor.proto', options);
  const files = readdirSync(protoDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto'))
    .sort()
    .map((path) => parseInto(root, readFileSync(join(protoDir, path), 'utf8'), path, options));
  root.resolveAll();
  return { root, files };
}

function descriptorPath(): string {
  return createRequire(import.meta.url).resolve('protobufjs/google/protobuf/descriptor.proto');
}

function parseInto(root: protobuf.Root, source: string, path: string, options: { keepCase: boolean }): ProtoFile {
  (protobuf.parse as typeof protobuf.parse & { filename: string | null }).filename = path; // not in its types
  const parsed = protobuf.parse(source, root, { ...options, alternateCommentMode: true });
  const packageName = parsed.package ?? '';
  const scope = root.lookup(packageName) as protobuf.Namespace;
  const declared = scope.nestedArray.filter((object) => object.filename === path);
  const messages = declared.filter((object) => object instanceof protobuf.Type);
  if (takeOption(scope, FIELD_PATH_FILE_OPTION)) messages.forEach(markFieldPath);
  return {
    path,
    packageName,
    imports: parsed.imports ?? [],
    messages,
    enums: declared.filter((object) => object instanceof protobuf.Enum),
    services: declared.filter((object) => object instanceof protobuf.Service),
  };
}

/** protobufjs keeps a file's options on the package, which several files share: take ours off before the next file. */
function takeOption(scope: protobuf.Namespace, name: string): boolean {
  const present = scope.options?.[name] === true;
  if (scope.options) delete scope.options[name];
  return present;
}

function markFieldPath(message: protobuf.Type): void {
  message.setOption(FIELD_PATH_OPTION, true);
  for (const nested of message.nestedArray) {
    if (nested instanceof protobuf.Type) markFieldPath(nested);
  }
}
