import { expect, test } from 'vitest';
import { holds, JSON_TYPES, pack, packJson, typeNameOf, unpack, unpackJson, unpackKnown } from './any.ts';

test('a message travels under its bare name', () => {
  const any = pack('containerd.runc.v1.Options', { systemdCgroup: true });
  expect(any.typeUrl).toBe('containerd.runc.v1.Options');
  expect(unpack('containerd.runc.v1.Options', any).systemdCgroup).toBe(true);
});

test('a prefixed name is read too', () => {
  const any = {
    ...pack('containerd.events.TaskOOM', { containerId: 'c' }),
    typeUrl: 'type.googleapis.com/containerd.events.TaskOOM',
  };
  expect(holds(any, 'containerd.events.TaskOOM')).toBe(true);
  expect(unpack('containerd.events.TaskOOM', any).containerId).toBe('c');
  expect(unpackKnown(any)).toEqual({ containerId: 'c' });
});

test('registered names carry JSON', () => {
  const any = packJson(JSON_TYPES.spec, { ociVersion: '1.1.0' });
  expect(any.typeUrl).toBe('types.containerd.io/opencontainers/runtime-spec/1/Spec');
  expect(any.value.toString()).toBe('{"ociVersion":"1.1.0"}');
  expect(unpackJson(JSON_TYPES.spec, any)).toEqual({ ociVersion: '1.1.0' });
  expect(unpackKnown(any)).toEqual({ ociVersion: '1.1.0' });
  expect(typeNameOf(any.typeUrl)).toBe(any.typeUrl);
});

test('wrong types and malformed values are refused', () => {
  const any = pack('containerd.types.Mount', { type: 'bind' });
  expect(() => unpack('containerd.types.Platform', any)).toThrow(
    'expected containerd.types.Platform, got "containerd.types.Mount"',
  );
  expect(() => unpackJson(JSON_TYPES.process, any)).toThrow('got "containerd.types.Mount"');
  expect(() => unpackJson(JSON_TYPES.spec, { typeUrl: JSON_TYPES.spec, value: Buffer.from('{') })).toThrow(
    /^malformed types/,
  );
  expect(() => unpackKnown({ typeUrl: 'containerd.types.Mount', value: Buffer.from([0xff]) })).toThrow(/^malformed/);
});

test('an unknown type is undefined, an absent Any holds nothing', () => {
  expect(unpackKnown({ typeUrl: 'example.com/my.Type', value: Buffer.from('x') })).toBeUndefined();
  expect(unpackKnown({ typeUrl: '', value: Buffer.alloc(0) })).toBeUndefined();
  expect(holds(null, 'containerd.types.Mount')).toBe(false);
});
