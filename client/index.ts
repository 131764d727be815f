/**
 * A typed client for gantryd and any containerd.
 *
 * `connect` gives a client; `client.service(name)` is every RPC of a service as it is on the wire; the functions below are
 * what takes several of them: importing, pulling and pushing images, making and running a container, its input and output.
 */
export { type ErrorKind, GantryError, isKind } from '../base/errors.ts';
export type { ImageConfig } from '../image/config.ts';
export type { Descriptor } from '../image/manifest.ts';
export { formatPlatform, hostPlatform, type Platform, parsePlatform } from '../image/platform.ts';
export { familiarReference, normalizeReference, parseReference, type Reference } from '../image/reference.ts';
export type { CallOptions } from './call.ts';
export { Client, type ConnectOptions, connect, type ServiceClient } from './client.ts';
export { type Container, getContainer, listContainers } from './container/container.ts';
export { type CreateOptions, createContainer, defaultRuntime, defaultSnapshotter } from './container/create.ts';
export { type ContainerExecOptions, execInContainer } from './container/exec.ts';
export { type RemoveOptions, removeContainer } from './container/remove.ts';
export { readDocument } from './content/read.ts';
export { type BlobInit, writeBlob } from './content/write.ts';
export { type ConvertOptions, convertImage } from './convert/convert.ts';
export type { Credentials } from './credentials/credentials.ts';
export { CredentialStore, type FoundCredentials, type Login } from './credentials/store.ts';
export { type ContainerdEvent, subscribeEvents } from './event.ts';
export { type ExportOptions, exportImages } from './export/export.ts';
export { logUriLabel, stopSignalLabel } from './image/labels.ts';
export { type ResolvedImage, resolveImage } from './image/resolve.ts';
export { findImage, type ImageRecord, listImages, putImage, removeImage } from './image/store.ts';
export { type UnpackOptions, unpackImage } from './image/unpack.ts';
export { type ImportOptions, importImages } from './import/import.ts';
export { withLease } from './lease.ts';
export { buildExecProcess, buildSpec, type ExecOptions, type SpecOptions, type TerminalSize } from './spec/build.ts';
export { defaultSpec } from './spec/default.ts';
export type { Spec, SpecMount, SpecProcess, SpecUser } from './spec/types.ts';
export { Attached, type AttachedOutput } from './task/attached.ts';
export { ProcessIo, type StdioPaths, type Streams } from './task/io.ts';
export { type Exit, Process, type ProcessStatus } from './task/process.ts';
export { execProcess, logStdio, type Stdio, startTask } from './task/start.ts';
export type { CredentialsQuestion, FindCredentials } from './transfer/auth.ts';
export {
  archiveSource,
  archiveTarget,
  type RegistryOptions,
  registryImage,
  storedImage,
} from './transfer/endpoints.ts';
export { MessageStream } from './transfer/message-stream.ts';
export type { OnProgress, TransferProgress } from './transfer/progress.ts';
export { type PullOptions, pullImage } from './transfer/pull.ts';
export { type PushOptions, pushImage } from './transfer/push.ts';
export type { Endpoint, TransferSession } from './transfer/session.ts';
export { type TransferOptions, transfer } from './transfer/transfer.ts';
