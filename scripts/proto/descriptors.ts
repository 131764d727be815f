/** Renders the loaded protos as the descriptors `proto/registry.ts` reads at run time. */
import protobuf from 'protobufjs';
import type { ProtoFile, Protos } from './load.ts';

/** One package: its messages, enums and services as protobufjs JSON, and the other packages these refer to. */
interface PackageDescriptor {
  uses: string[];
  nested: Record<string, unknown>;
}

/** The JSON text: packages in name order, one per line so that a diff shows which package changed. */
export function renderDescriptors({ files }: Protos): string {
  const packages = new Map<string, PackageDescriptor>();
  const packageOf = new Map(files.map((file) => [file.path, file.packageName]));
  for (const file of files) addFile(packages, packageOf, file);
  const lines = [...packages]
    .filter(([, descriptor]) => Object.keys(descriptor.nested).length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, descriptor]) => {
      descriptor.uses.sort();
      return `${JSON.stringify(name)}:${JSON.stringify(descriptor)}`;
    });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function addFile(
  packages: Map<string, PackageDescriptor>,
  packageOf: ReadonlyMap<string, string>,
  file: ProtoFile,
): void {
  const descriptor = packages.get(file.packageName) ?? { uses: [], nested: {} };
  packages.set(file.packageName, descriptor);
  for (const object of [...file.services, ...file.enums, ...file.messages]) {
    descriptor.nested[object.name] = toJson(object);
  }
  for (const path of file.imports) {
    const used = packageOf.get(path);
    const holdsMessages = used !== undefined && !path.endsWith('/fieldpath.proto');
    if (holdsMessages && used !== file.packageName && !descriptor.uses.includes(used)) descriptor.uses.push(used);
  }
}

/** protobufjs JSON without what only the .proto files need: comments, options of messages, reserved numbers. */
function toJson(object: protobuf.ReflectionObject): unknown {
  const json = object.toJSON() as Record<string, unknown>;
  if (!(object instanceof protobuf.Type)) return json;
  delete json['reserved'];
  delete json['options'];
  if (object.nested) {
    json['nested'] = Object.fromEntries(object.nestedArray.map((nested) => [nested.name, toJson(nested)]));
  }
  return json;
}
