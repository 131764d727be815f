import { expect, test } from 'vitest';
import { GantryError } from '../base/errors.ts';
import { decode, empty, encode } from './codec.ts';
import { isMessageName, messageType, serviceType } from './registry.ts';

test('a decoded message has every field', () => {
  const container = decode('containerd.services.containers.v1.Container', encodeContainer());
  expect(container).toEqual({
    id: 'a',
    labels: { k: 'v' },
    image: '',
    runtime: { name: 'io.containerd.runc.v2', options: null },
    spec: { typeUrl: 't', value: Buffer.from('{}') },
    snapshotter: '',
    snapshotKey: '',
    createdAt: { seconds: 253_402_300_799, nanos: 999_999_999 },
    updatedAt: null,
    extensions: { x: { typeUrl: '', value: Buffer.alloc(0) } },
    sandbox: '',
  });
});

function encodeContainer(): Buffer {
  return encode('containerd.services.containers.v1.Container', {
    id: 'a',
    labels: { k: 'v' },
    runtime: { name: 'io.containerd.runc.v2', options: null },
    spec: { typeUrl: 't', value: Buffer.from('{}') },
    createdAt: { seconds: 253_402_300_799, nanos: 999_999_999 },
    updatedAt: undefined,
    extensions: { x: {} },
  });
}

test('the bytes are those every protobuf writes', () => {
  const mount = encode('containerd.types.Mount', { type: 'bind', options: ['ro', 'rbind'] });
  expect(mount.toString('hex')).toBe('0a0462696e642202726f22057262696e64');
  const usage = encode('io.containerd.cgroups.v1.CPUUsage', { perCpu: [1, 300] }); // packed, as proto3 wants
  expect(usage.toString('hex')).toBe('220301ac02');
});

test('fields with presence are missing unless sent', () => {
  const name = 'containerd.services.images.v1.DeleteImageRequest';
  expect('target' in decode(name, encode(name, { name: 'x' }))).toBe(false);
  expect(decode(name, encode(name, { target: { digest: 'd' } })).target?.digest).toBe('d');
  const statistics = empty('containerd.runhcs.stats.v1.Statistics');
  expect('windows' in statistics || 'linux' in statistics).toBe(false);
});

test('enums are names, and a number without a name survives', () => {
  const name = 'containerd.task.v2.StateResponse';
  expect(empty(name).status).toBe('UNKNOWN');
  expect(decode(name, encode(name, { status: 'PAUSED' })).status).toBe('PAUSED');
  const unknown = encode(name, { status: 77 });
  expect(decode(name, unknown).status).toBe(77);
  expect(encode(name, decode(name, unknown))).toEqual(encode(name, { ...empty(name), status: 77 }));
  const params = encode('containerd.runtime.bootstrap.v1.BootstrapParams', { logLevel: 'LOG_LEVEL_TRACE' });
  expect(decode('containerd.runtime.bootstrap.v1.BootstrapParams', params).logLevel).toBe('LOG_LEVEL_TRACE');
});

test('64-bit numbers: exact to 2^53, "no limit" survives a round trip', () => {
  const name = 'io.containerd.cgroups.v1.MemoryEntry';
  const limits = [2 ** 53 - 1, 2 ** 63 - 4096, 2 ** 64 - 1];
  for (const limit of limits) expect(decode(name, encode(name, { limit })).limit).toBe(limit);
  expect(encode(name, { limit: 2 ** 64 }).toString('hex')).toBe('08ffffffffffffffffff01');
  expect(decode('runtime.v1.Int64Value', encode('runtime.v1.Int64Value', { value: -5 })).value).toBe(-5);
});

test('a label named __proto__ is a label like any other', () => {
  const labels = Object.fromEntries([['__proto__', 'x']]);
  const name = 'containerd.services.namespaces.v1.Namespace';
  const decoded = decode(name, encode(name, { labels }));
  expect(Object.entries(decoded.labels)).toEqual([['__proto__', 'x']]);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test('unknown fields are skipped', () => {
  const bytes = Buffer.concat([
    encode('containerd.types.Mount', { type: 'bind' }),
    Buffer.from('f8ff01 05'.replace(' ', ''), 'hex'),
  ]);
  expect(decode('containerd.types.Mount', bytes).type).toBe('bind');
});

test('garbage is an invalid argument, whatever the bytes', () => {
  const whole = encodeContainer();
  const cut = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
  const flipped = Array.from({ length: whole.length }, (_, at) => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] ?? 0) ^ 0xff;
    return copy;
  });
  const groups = Buffer.alloc(100_000, 0x0b); // start of a group in a group in a group …
  let refused = 0;
  for (const bytes of [...cut, ...flipped, groups, Buffer.alloc(64, 0xff)]) {
    try {
      decode('containerd.services.containers.v1.Container', bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(GantryError);
      expect(error).toMatchObject({ kind: 'invalid-argument' });
      expect((error as Error).message).toMatch(/^malformed containerd\.services\.containers\.v1\.Container: /);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(whole.length / 2);
});

test('nested names, and names nobody knows', () => {
  expect(messageType('containerd.services.containers.v1.Container.Runtime').name).toBe('Runtime');
  expect(serviceType('containerd.task.v3.Task').methodsArray).toHaveLength(17);
  expect(isMessageName('containerd.types.Mount')).toBe(true);
  for (const name of ['containerd.types.Nothing', 'constructor', '', '.', 'a.b', 'containerd.v1.types.Status']) {
    expect(isMessageName(name)).toBe(false);
  }
  expect(() => messageType('containerd.types.Nothing')).toThrow('proto message containerd.types.Nothing');
  expect(() => serviceType('containerd.types.Mount')).toThrow('proto service containerd.types.Mount');
});
