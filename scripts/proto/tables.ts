/** Renders `proto/gen/index.ts`: the maps from full proto names to TypeScript types. */
import protobuf from 'protobufjs';
import type { ProtoFile, Protos } from './load.ts';
import { GENERATED, moduleName, typeName, typesPath } from './types.ts';

/** The whole text of the index file. */
export function renderIndex({ files }: Protos): string {
  const used = files.filter((file) => file.messages.length > 0);
  const imports = used.map((file) => `import type * as ${moduleName(file.path)} from './${typesPath(file.path)}';`);
  const messages = used.flatMap((file) => file.messages.flatMap((message) => messageLines(file, message))).sort();
  const services = files.flatMap((file) => file.services.map(serviceLines)).sort();
  return [
    GENERATED,
    ...imports,
    '',
    '/** Every message by its full proto name. */',
    'export interface Messages {',
    ...messages,
    '}',
    '',
    '/** Every service by its full proto name, with the message names and the streaming kind of each RPC. */',
    'export interface Services {',
    ...services,
    '}',
    '',
  ].join('\n');
}

function messageLines(file: ProtoFile, message: protobuf.Type): string[] {
  const nested = message.nestedArray.filter((item) => item instanceof protobuf.Type);
  return [
    `  '${message.fullName.slice(1)}': ${moduleName(file.path)}.${typeName(message)};`,
    ...nested.flatMap((item) => messageLines(file, item)),
  ];
}

function serviceLines(service: protobuf.Service): string {
  const methods = service.methodsArray.map((method) => {
    method.resolve();
    const request = `Messages['${method.resolvedRequestType?.fullName.slice(1)}']`;
    const response = `Messages['${method.resolvedResponseType?.fullName.slice(1)}']`;
    const streams = `requestStream: ${method.requestStream === true}; responseStream: ${method.responseStream === true}`;
    const comment = method.comment ? `    /** ${method.comment.replaceAll('\n', ' ')} */\n` : '';
    return `${comment}    ${method.name}: { request: ${request}; response: ${response}; ${streams} };`;
  });
  const comment = service.comment ? `  /** ${service.comment.replaceAll('\n', ' ')} */\n` : '';
  return `${comment}  '${service.fullName.slice(1)}': {\n${methods.join('\n')}\n  };`;
}
