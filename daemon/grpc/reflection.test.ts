import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { expect, test } from 'vitest';
import type { CallContext } from '../../proto/call-context.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import { reflectionHandlers } from './reflection.ts';

const services = ['containerd.services.tasks.v1.Tasks', 'grpc.health.v1.Health'];

type Request = Init<Messages['grpc.reflection.v1.ServerReflectionRequest']>;
type Response = Messages['grpc.reflection.v1.ServerReflectionResponse'];

async function ask(version: number, ...requests: Request[]): Promise<Response[]> {
  const handler = reflectionHandlers(services)[version]?.handler('ServerReflectionInfo');
  async function* questions() {
    yield* requests;
  }
  const answers = handler?.(questions(), {} as CallContext) as AsyncIterable<Response>;
  return Array.fromAsync(answers);
}

test.each([0, 1])('lists the services that are served, in version %i', async (version) => {
  const [answer] = await ask(version, { listServices: '*' });
  expect(answer?.listServicesResponse?.service).toEqual(services.map((name) => ({ name })));
});

test('a symbol comes with everything needed to use it', async () => {
  const [answer] = await ask(0, { fileContainingSymbol: 'containerd.services.tasks.v1.Tasks.Create' });
  const files = answer?.fileDescriptorResponse?.fileDescriptorProto ?? [];
  const set = { file: files.map((bytes) => descriptor.FileDescriptorProto.decode(bytes)) };
  // The extension adds this to Root, without saying so in its types.
  const { fromDescriptor } = protobuf.Root as unknown as { fromDescriptor(set: object): protobuf.Root };
  const root = fromDescriptor(descriptor.FileDescriptorSet.create(set)).resolveAll();
  const request = root.lookupService('containerd.services.tasks.v1.Tasks').methods['Create']?.requestType;
  expect(root.lookupType(`containerd.services.tasks.v1.${request?.split('.').at(-1)}`).fields['rootfs']?.id).toBe(3);
  expect(root.lookupType('containerd.types.Mount')).toBeDefined();
  expect(Object.keys(root.lookupType('containerd.types.Descriptor').fields)).toContain('media_type');
});

test('every file can be asked for by the names that files depend on', async () => {
  const { default: files } = await import('../../proto/gen/reflection.json', { with: { type: 'json' } });
  for (const file of Object.values(files)) {
    for (const name of file.dependencies) {
      const [answer] = await ask(0, { fileByFilename: name });
      expect(answer?.fileDescriptorResponse, name).not.toBeNull();
    }
  }
});

test('what is not there is an error in the answer, and the next question is answered', async () => {
  const [missing, extension, listed] = await ask(
    0,
    { fileContainingSymbol: 'no.such.Symbol' },
    { fileContainingExtension: { containingType: 'x', extensionNumber: 1 } },
    { listServices: '' },
  );
  expect(missing?.errorResponse?.errorCode).toBe(5);
  expect(extension?.errorResponse?.errorCode).toBe(12);
  expect(listed?.listServicesResponse?.service).toHaveLength(2);
});
