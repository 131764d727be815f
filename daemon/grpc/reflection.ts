import { GantryError, messageOf, notFound } from '../../base/errors.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import { implement, type ServiceHandlers } from '../../proto/handler.ts';
import { toStatus } from '../../proto/status.ts';

type Request = Messages['grpc.reflection.v1.ServerReflectionRequest'];
type Response = Init<Messages['grpc.reflection.v1.ServerReflectionResponse']>;

/** A generated file descriptor (scripts/proto/reflection.ts). */
interface ReflectedFile {
  readonly package: string;
  /** Names of the files it needs. */
  readonly dependencies: readonly string[];
  /** Serialized google.protobuf.FileDescriptorProto in base64. */
  readonly descriptor: string;
}

type ReflectedFiles = Readonly<Record<string, ReflectedFile>>;

/**
 * Server reflection in both versions that clients ask for. Few ever do: the descriptors, made at build time, are read
 * with the first question.
 */
export function reflectionHandlers(serviceNames: readonly string[]): ServiceHandlers[] {
  const answerAll = async function* (requests: AsyncIterable<Request>): AsyncGenerator<Response> {
    for await (const request of requests) yield answer(request, serviceNames, await loadFiles());
  };
  return [
    implement('grpc.reflection.v1.ServerReflection', { ServerReflectionInfo: answerAll }),
    implement('grpc.reflection.v1alpha.ServerReflection', { ServerReflectionInfo: answerAll }),
  ];
}

async function loadFiles(): Promise<ReflectedFiles> {
  const { default: files } = await import('../../proto/gen/reflection.json', { with: { type: 'json' } });
  return files;
}

/** A question without an answer gets an error response; the stream goes on. */
function answer(request: Request, serviceNames: readonly string[], files: ReflectedFiles): Response {
  const base = { validHost: request.host, originalRequest: request };
  try {
    if (request.listServices !== undefined) {
      return { ...base, listServicesResponse: { service: serviceNames.map((name) => ({ name })) } };
    }
    const fileDescriptorProto = [...withDependencies(files, fileNameFor(request, files))];
    return { ...base, fileDescriptorResponse: { fileDescriptorProto } };
  } catch (error) {
    const { code } = toStatus(error);
    return { ...base, errorResponse: { errorCode: code, errorMessage: messageOf(error) } };
  }
}

function fileNameFor(request: Request, files: ReflectedFiles): string {
  const { fileByFilename, fileContainingSymbol: symbol } = request;
  if (fileByFilename !== undefined) {
    if (!Object.hasOwn(files, fileByFilename)) throw notFound(`file ${fileByFilename}`);
    return fileByFilename;
  }
  if (symbol === undefined) throw new GantryError('unimplemented', 'extensions are not reflected');
  // Packages nest by name only: the symbol belongs to the longest package it begins with.
  const matching = Object.entries(files).filter(([, file]) => symbol.startsWith(`${file.package}.`));
  const [best] = matching.sort(([, a], [, b]) => b.package.length - a.package.length);
  if (best === undefined) throw notFound(`symbol ${symbol}`);
  return best[0];
}

/** The serialized file and all it needs, each once. */
function withDependencies(files: ReflectedFiles, name: string): Set<Buffer> {
  const seen = new Map<string, Buffer>();
  const visit = (fileName: string) => {
    const file = files[fileName];
    if (file === undefined || seen.has(fileName)) return;
    seen.set(fileName, Buffer.from(file.descriptor, 'base64'));
    file.dependencies.forEach(visit);
  };
  visit(name);
  return new Set(seen.values());
}
