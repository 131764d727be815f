/**
 * From handlers of the form `(request, ctx) => promise | async iterable` to the callbacks and streams of grpc-js.
 * Responses are encoded here, so that a handler's malformed answer is an error of that handler.
 */
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  sendUnaryData,
  ServiceDefinition as UntypedServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type CallContext, type Implementation, type ReportError, unimplemented, wasMeant } from './call-context.ts';
import { encode, type Init, type Messages } from './codec.ts';
import { type AnyCall, grpcCallScope } from './grpc-call.ts';
import { type RequestStream, type ResponseStream, readRequests, writeResponses } from './grpc-streams.ts';
import type { MessageName, ServiceName } from './registry.ts';
import { type MethodShape, methodShapes, serviceDefinition } from './service.ts';
import { toStatus } from './status.ts';

/** A service ready for a server: `server.addService(bound.definition, bound.handlers)`. */
export interface BoundService {
  readonly name: ServiceName;
  readonly definition: UntypedServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

/** The one shape behind all four kinds of handler. */
type AnyHandler = (request: unknown, ctx: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

/** What one RPC needs at run time. */
interface Route {
  readonly shape: MethodShape;
  readonly handler: AnyHandler;
  readonly report: ReportError;
}

/** A service and its handlers, before it is known who hears of their faults. */
export interface ServiceHandlers {
  readonly name: ServiceName;
  /** The handler of an RPC; undefined where the service has none. */
  handler(method: string): AnyHandler | undefined;
}

/**
 * Ties handlers to the service they implement, checked by its types. They are called as methods of `implementation`, so
 * it may be a class instance.
 */
export function implement<Name extends ServiceName>(name: Name, implementation: Implementation<Name>): ServiceHandlers {
  return {
    name,
    handler: (method) =>
      (implementation[method as keyof Implementation<Name>] as AnyHandler | undefined)?.bind(implementation),
  };
}

/**
 * Makes handlers ready for a server; RPCs without one answer unimplemented. `report` hears of every exception that is
 * not a GantryError, and of internal ones, once.
 */
export function bindService(service: ServiceHandlers, options: { report: ReportError }): BoundService {
  const definition: Record<string, unknown> = { ...serviceDefinition(service.name) };
  const handlers: UntypedServiceImplementation = {};
  for (const shape of methodShapes(service.name).values()) {
    const route = { shape, handler: service.handler(shape.name) ?? refuse(shape), report: options.report };
    definition[shape.name] = { ...(definition[shape.name] as object), responseSerialize: (bytes: Buffer) => bytes };
    handlers[shape.name] = shape.responseStream ? streaming(route) : single(route);
  }
  return { name: service.name, definition: definition as UntypedServiceDefinition, handlers };
}

function refuse(shape: MethodShape): AnyHandler {
  return () => {
    throw unimplemented(shape.name);
  };
}

/** Unary and client-streaming calls: one answer. */
function single(route: Route): handleUnaryCall<unknown, Buffer> & handleClientStreamingCall<unknown, Buffer> {
  return async (call: AnyCall, callback: sendUnaryData<Buffer>) => {
    using scope = grpcCallScope(call, route.shape.path);
    try {
      const request = requestOf(call, route, scope.ctx.signal);
      const response = await (route.handler(request, scope.ctx) as Promise<unknown>);
      callback(null, encodeResponse(route, response));
    } catch (error) {
      callback(grpcError(error, route, scope.ctx));
    }
  };
}

/** Server-streaming and bidirectional calls: many answers, then a status. */
function streaming(
  route: Route,
): handleServerStreamingCall<unknown, Buffer> & handleBidiStreamingCall<unknown, Buffer> {
  return async (call: AnyCall & ResponseStream) => {
    using scope = grpcCallScope(call, route.shape.path);
    try {
      const request = requestOf(call, route, scope.ctx.signal);
      const responses = route.handler(request, scope.ctx) as AsyncIterable<unknown>;
      await writeResponses(call, responses, (response) => encodeResponse(route, response), scope.ctx.signal);
      call.end();
    } catch (error) {
      call.emit('error', grpcError(error, route, scope.ctx));
    }
  };
}

function requestOf(call: AnyCall, route: Route, signal: AbortSignal): unknown {
  return route.shape.requestStream ? readRequests(call as AnyCall & RequestStream, signal) : call.request;
}

function encodeResponse(route: Route, response: unknown): Buffer {
  return encode(route.shape.responseName, response as Init<Messages[MessageName]>);
}

/** The error for grpc-js; reported first unless it was meant for the client, or nobody waits for it any more. */
function grpcError(error: unknown, route: Route, ctx: CallContext): Error & { code: number; details: string } {
  const { code, message } = toStatus(error);
  if (!ctx.signal.aborted && !wasMeant(error)) route.report(error, route.shape.path);
  return Object.assign(new Error(message), { code, details: message });
}
