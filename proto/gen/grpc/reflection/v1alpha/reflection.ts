// Generated from the .proto files by `npm run proto`; do not edit.

/** One question. Exactly one member of the oneof is set. */
export interface ServerReflectionRequest {
  /** Name by which the client knows the server; not used. */
  host: string;
  /**
   * Asks for the file of that name.
   * At most one of the oneof `messageRequest` is set.
   */
  fileByFilename?: string | undefined;
  /**
   * Asks for the file that declares the message, enum, service or method of that full name.
   * At most one of the oneof `messageRequest` is set.
   */
  fileContainingSymbol?: string | undefined;
  /**
   * Asks for the file that declares an extension.
   * At most one of the oneof `messageRequest` is set.
   */
  fileContainingExtension?: ExtensionRequest | undefined;
  /**
   * Asks for the numbers of all known extensions of the message of that full name.
   * At most one of the oneof `messageRequest` is set.
   */
  allExtensionNumbersOfType?: string | undefined;
  /**
   * Asks for all services; the text has no meaning.
   * At most one of the oneof `messageRequest` is set.
   */
  listServices?: string | undefined;
}

/** One extension of a message. */
export interface ExtensionRequest {
  /** Full name of the extended message. */
  containingType: string;
  extensionNumber: number;
}

/** The answer to one question. */
export interface ServerReflectionResponse {
  validHost: string;
  /** The question. */
  originalRequest: ServerReflectionRequest | null;
  /** At most one of the oneof `messageResponse` is set. */
  fileDescriptorResponse?: FileDescriptorResponse | undefined;
  /** At most one of the oneof `messageResponse` is set. */
  allExtensionNumbersResponse?: ExtensionNumberResponse | undefined;
  /** At most one of the oneof `messageResponse` is set. */
  listServicesResponse?: ListServiceResponse | undefined;
  /** At most one of the oneof `messageResponse` is set. */
  errorResponse?: ErrorResponse | undefined;
}

/** A file, followed by those it depends on, directly or not. */
export interface FileDescriptorResponse {
  /** Serialized google.protobuf.FileDescriptorProto each. */
  fileDescriptorProto: Buffer[];
}

/** Extensions of a message. */
export interface ExtensionNumberResponse {
  /** Full name of the extended message. */
  baseTypeName: string;
  extensionNumber: number[];
}

/** The services of the server. */
export interface ListServiceResponse {
  service: ServiceResponse[];
}

/** One service. */
export interface ServiceResponse {
  /** Full name, package included. */
  name: string;
}

/** Why a question has no answer. */
export interface ErrorResponse {
  /** A gRPC status code. */
  errorCode: number;
  errorMessage: string;
}
