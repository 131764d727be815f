/** What .proto files say, reduced to lines such as `api/x.proto: field p.Message.name = 1 string [repeated]`. */
import protobuf from 'protobufjs';
import { FIELD_PATH_OPTION, loadProtos, type ProtoFile } from './load.ts';

/** Every service, message, field, enum value and extension below `protoDir`, names as in the files. */
export function protoFacts(protoDir: string): string[] {
  const { root, files } = loadProtos(protoDir, { keepCase: true });
  return files.flatMap((file) => fileFacts(root, file).map((fact) => `${file.path}: ${fact}`));
}

/** Services, RPCs, messages and enums without a comment. */
export function unexplained(protoDir: string): string[] {
  const visit = (object: protobuf.ReflectionObject): protobuf.ReflectionObject[] => {
    if (object instanceof protobuf.Service) return [object, ...object.methodsArray];
    return object instanceof protobuf.Type ? [object, ...object.nestedArray.flatMap(visit)] : [object];
  };
  return loadProtos(protoDir, { keepCase: true })
    .files.flatMap((file) => [...file.services, ...file.enums, ...file.messages].flatMap(visit))
    .filter((object) => !object.comment)
    .map((object) => object.fullName.slice(1));
}

function fileFacts(root: protobuf.Root, file: ProtoFile): string[] {
  const scope = root.lookup(file.packageName) as protobuf.Namespace;
  const extensions = scope.nestedArray.filter((item) => item instanceof protobuf.Field && item.filename === file.path);
  return [
    ...file.services.flatMap((service) => service.methodsArray.map(methodFact)),
    ...(extensions as protobuf.Field[]).map(
      (field) => `extend ${field.extend} ${field.fullName.slice(1)} = ${field.id} ${field.type}`,
    ),
    ...file.enums.flatMap(enumObjectFacts),
    ...file.messages.flatMap(typeFacts),
  ];
}

function methodFact(method: protobuf.Method): string {
  method.resolve();
  const request = `${method.requestStream ? 'stream ' : ''}${method.resolvedRequestType?.fullName.slice(1)}`;
  const response = `${method.responseStream ? 'stream ' : ''}${method.resolvedResponseType?.fullName.slice(1)}`;
  return `rpc ${method.fullName.slice(1)}(${request}) -> ${response}`;
}

function enumObjectFacts(item: protobuf.Enum): string[] {
  const name = item.fullName.slice(1);
  return [
    `enum ${name}`,
    ...Object.entries(item.values).map(([value, number]) => `value ${name}.${value} = ${number}`),
  ];
}

function typeFacts(type: protobuf.Type): string[] {
  const name = type.fullName.slice(1);
  const reserved = (type.reserved ?? []).map((range) => (Array.isArray(range) ? range[0] : range));
  const nested = type.nestedArray.flatMap((item) => {
    if (item instanceof protobuf.Enum) return enumObjectFacts(item);
    return item instanceof protobuf.Type ? typeFacts(item) : [];
  });
  return [
    `message ${name}${type.options?.[FIELD_PATH_OPTION] === true ? ' [fieldpath]' : ''}`,
    ...(reserved.length > 0 ? [`reserved ${name} ${reserved.join(', ')}`] : []),
    ...type.fieldsArray.map((field) => `field ${name}.${field.name} = ${field.id} ${fieldText(field.resolve())}`),
    ...type.fieldsArray.flatMap((field) => (field.options?.['debug_redact'] ? [`redacted ${name}.${field.name}`] : [])),
    ...nested,
  ];
}

function fieldText(field: protobuf.Field): string {
  const single = field.resolvedType?.fullName.slice(1) ?? field.type;
  const type = field instanceof protobuf.MapField ? `map<${field.keyType},${single}>` : single;
  const labels = [
    field.repeated && !field.map ? 'repeated' : undefined,
    field.partOf?.isProto3Optional ? 'optional' : field.partOf && `oneof ${field.partOf.name}`,
    field.options?.['deprecated'] === true ? 'deprecated' : undefined,
  ];
  return [type, ...labels.filter((label) => label).map((label) => `[${label}]`)].join(' ');
}
