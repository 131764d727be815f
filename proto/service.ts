/** Services as grpc-js wants them: paths, streaming kinds, and functions between messages and bytes. */
import type { Method } from 'protobufjs/light.js';
import { decode, encode, type Init, type Messages, type Services } from './codec.ts';
import { type MessageName, type ServiceName, serviceType } from './registry.ts';

/** One RPC of a service definition; assignable to grpc-js' MethodDefinition. */
export interface MethodDefinition<Request, Response> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (request: Init<Request>) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Init<Response>) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** All RPCs of a service by name. */
export type ServiceDefinition<Name extends ServiceName> = {
  readonly [Method in keyof Services[Name]]: Services[Name][Method] extends { request: infer Req; response: infer Res }
    ? MethodDefinition<Req, Res>
    : never;
};

/** Names and streaming kinds of one RPC. */
export interface MethodShape {
  readonly name: string;
  readonly path: string;
  readonly requestName: MessageName;
  readonly responseName: MessageName;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

const shapes = new Map<ServiceName, ReadonlyMap<string, MethodShape>>();

/** The RPCs of a service by name, in the order of its .proto file. */
export function methodShapes(service: ServiceName): ReadonlyMap<string, MethodShape> {
  const known = shapes.get(service);
  if (known) return known;
  const built = new Map(serviceType(service).methodsArray.map((method) => [method.name, shapeOf(service, method)]));
  shapes.set(service, built);
  return built;
}

function shapeOf(service: ServiceName, method: Method): MethodShape {
  method.resolve();
  return {
    name: method.name,
    path: `/${service}/${method.name}`,
    requestName: method.resolvedRequestType?.fullName.slice(1) as MessageName,
    responseName: method.resolvedResponseType?.fullName.slice(1) as MessageName,
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
  };
}

/** The definition of a service, for clients (`client.makeUnaryRequest(method.path, …)`) and servers. */
export function serviceDefinition<Name extends ServiceName>(service: Name): ServiceDefinition<Name> {
  const methods = Array.from(methodShapes(service).values(), (shape) => [shape.name, methodDefinition(shape)]);
  return Object.fromEntries(methods) as ServiceDefinition<Name>;
}

function methodDefinition(shape: MethodShape): MethodDefinition<unknown, unknown> {
  return {
    path: shape.path,
    requestStream: shape.requestStream,
    responseStream: shape.responseStream,
    requestSerialize: (request) => encode(shape.requestName, request as Init<Messages[MessageName]>),
    requestDeserialize: (bytes) => decode(shape.requestName, bytes),
    responseSerialize: (response) => encode(shape.responseName, response as Init<Messages[MessageName]>),
    responseDeserialize: (bytes) => decode(shape.responseName, bytes),
  };
}
