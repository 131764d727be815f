/** Renders the file descriptors that the daemon's reflection service hands out, one file per package. */
import { join } from 'node:path';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import descriptor, { type IFileDescriptorProto } from 'protobufjs/ext/descriptor/index.js';
import type { Protos } from './load.ts';

const fileName = (packageName: string) => `${packageName.replaceAll('.', '_')}.proto`;

/** JSON: per file name the packages it depends on, by their file names, and the serialized descriptor in base64. */
export function renderReflection(protos: Protos, protoDir: string): string {
  const imports = packageImports(protos);
  const lines = fileDescriptors(protos, protoDir).map((file) => {
    const dependencies = [...(imports.get(file.package ?? '') ?? [])].map(fileName).sort();
    // protobufjs leaves the dependencies out, and a client cannot link a file without them.
    const bytes = descriptor.FileDescriptorProto.encode({ ...file, dependency: dependencies }).finish();
    const entry = { package: file.package, dependencies, descriptor: Buffer.from(bytes).toString('base64') };
    return `${JSON.stringify(fileName(file.package ?? ''))}:${JSON.stringify(entry)}`;
  });
  return `{\n${lines.sort().join(',\n')}\n}\n`;
}

function fileDescriptors(protos: Protos, protoDir: string): IFileDescriptorProto[] {
  const definitions = loadSync(
    protos.files.map(({ path }) => join(protoDir, path)),
    // Else clients that show or take fields by name, as grpcurl does, would know them by other names.
    { includeDirs: [protoDir], keepCase: true },
  );
  const any = definitions['google.protobuf.Any'] as MessageTypeDefinition<object, object>;
  return any.fileDescriptorProtos.map((bytes) => descriptor.FileDescriptorProto.decode(bytes) as IFileDescriptorProto);
}

function packageImports({ files }: Protos): Map<string, Set<string>> {
  const packageOf = new Map(files.map(({ path, packageName }) => [path, packageName]));
  const imports = new Map<string, Set<string>>();
  for (const file of files) {
    const used = imports.get(file.packageName) ?? new Set();
    imports.set(file.packageName, used);
    for (const path of file.imports) {
      const name = packageOf.get(path);
      if (name !== undefined && name !== file.packageName) used.add(name);
    }
  }
  return imports;
}
