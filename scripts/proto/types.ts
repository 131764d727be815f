/** Renders the TypeScript interfaces of one .proto file. */
import { posix } from 'node:path';
import protobuf from 'protobufjs';
import type { ProtoFile } from './load.ts';

export const GENERATED = '// Generated from the .proto files by `npm run proto`; do not edit.\n';

const SCALARS: Readonly<Record<string, string>> = {
  double: 'number',
  float: 'number',
  int32: 'number',
  uint32: 'number',
  sint32: 'number',
  fixed32: 'number',
  sfixed32: 'number',
  int64: 'number',
  uint64: 'number',
  sint64: 'number',
  fixed64: 'number',
  sfixed64: 'number',
  bool: 'boolean',
  string: 'string',
  bytes: 'Buffer',
};

/** Where the interfaces of a .proto file go, relative to `proto/gen/`. */
export function typesPath(protoPath: string): string {
  return protoPath.replace(/\.proto$/, '.ts');
}

/** An identifier for a whole file, used as the name of its module import. */
export function moduleName(protoPath: string): string {
  return protoPath.replace(/\.proto$/, '').replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** `Container.Runtime` of a package becomes `Container_Runtime`. */
export function typeName(object: protobuf.ReflectionObject): string {
  const nestedIn = object.parent instanceof protobuf.Type ? `${typeName(object.parent)}_` : '';
  return nestedIn + object.name;
}

/** The whole text of one generated file. */
export function renderTypes(file: ProtoFile): string {
  const imports = new Set<string>();
  const body = [
    ...file.enums.map((item) => renderEnum(item)),
    ...file.messages.flatMap((item) => renderMessage(item, file.path, imports)),
  ];
  const here = posix.dirname(typesPath(file.path));
  const importLines = [...imports].sort().map((path) => {
    const relative = posix.relative(here, typesPath(path));
    return `import type * as ${moduleName(path)} from '${relative.startsWith('.') ? relative : `./${relative}`}';\n`;
  });
  const head = importLines.length > 0 ? `${importLines.join('')}\n` : '';
  return `${GENERATED}\n${head}${body.join('\n') || 'export {};\n'}`;
}

function renderEnum(item: protobuf.Enum): string {
  const names = Object.keys(item.values).map((name) => `  | '${name}'`);
  const lines = Object.entries(item.comments ?? {}).flatMap(([name, text]) => (text ? [`- \`${name}\`: ${text}`] : []));
  const comment = [item.comment, ...lines].filter((line) => line).join('\n');
  return `${doc(comment, '')}export type ${typeName(item)} =\n${names.join('\n')};\n`;
}

function renderMessage(message: protobuf.Type, path: string, imports: Set<string>): string[] {
  const fields = message.fieldsArray.map((field) => {
    const optional = isOptional(field);
    const type = fieldType(field.resolve(), path, imports);
    return `${doc(fieldComment(field), '  ')}  ${field.name}${optional ? '?' : ''}: ${type}${optional ? ' | undefined' : ''};\n`;
  });
  const name = typeName(message);
  const text =
    fields.length > 0
      ? `export interface ${name} {\n${fields.join('')}}\n`
      : `export type ${name} = Record<string, never>;\n`;
  const nested = message.nestedArray.flatMap((item) => {
    if (item instanceof protobuf.Enum) return [renderEnum(item)];
    return item instanceof protobuf.Type ? renderMessage(item, path, imports) : [];
  });
  return [doc(message.comment, '') + text, ...nested];
}

/** A member of a oneof, or a field with explicit presence: absent after decoding when it was not sent. */
function isOptional(field: protobuf.Field): boolean {
  return field.partOf !== null && field.partOf !== undefined;
}

function fieldComment(field: protobuf.Field): string | null {
  const oneof = field.partOf && !field.partOf.isProto3Optional ? field.partOf : null;
  const note = oneof ? `At most one of the oneof \`${oneof.name}\` is set.` : null;
  return [field.comment, note].filter((line) => line).join('\n') || null;
}

function fieldType(field: protobuf.Field, path: string, imports: Set<string>): string {
  const single = valueType(field, path, imports);
  if (field.map) return `Record<string, ${single}>`;
  if (field.repeated) return `${single}[]`;
  return field.resolvedType instanceof protobuf.Type && !isOptional(field) ? `${single} | null` : single;
}

function valueType(field: protobuf.Field, path: string, imports: Set<string>): string {
  const resolved = field.resolvedType;
  if (!resolved) {
    const scalar = SCALARS[field.type];
    if (scalar === undefined) throw new Error(`field ${field.fullName}: unknown type ${field.type}`);
    return scalar;
  }
  const definedIn = resolved.filename;
  if (definedIn === null || definedIn === path) return typeName(resolved);
  imports.add(definedIn);
  return `${moduleName(definedIn)}.${typeName(resolved)}`;
}

function doc(comment: string | null | undefined, indent: string): string {
  if (!comment) return '';
  const lines = comment.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
