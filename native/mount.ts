import { GantryError, invalidArgument } from '../base/errors.ts';
import { type Binding, binding } from './binding.ts';
import { errnoOf, native } from './errno.ts';
import { type IdMap, withMappedLowerDirs } from './id-map.ts';
import { type MountOptions, ms, parseMountOptions } from './mount-options.ts';
import { maxStringBytes, overlayParameters, shortenLowerDirs } from './overlay-options.ts';

/** A file system to be mounted, with containerd's mount options. */
export interface Mount {
  /** File system type; ignored for bind mounts. */
  readonly type: string;
  /** Device, directory to bind, or any name for file systems without a device. */
  readonly source: string;
  /** Where to mount; symbolic links are followed. */
  readonly target: string;
  readonly options: readonly string[];
}

/** `MOUNT_ATTR_*` bits of fsmount(2) and mount_setattr(2). */
const attributeOfFlag: readonly (readonly [flag: number, attribute: number])[] = [
  [ms.rdonly, 0x1],
  [ms.nosuid, 0x2],
  [ms.nodev, 0x4],
  [ms.noexec, 0x8],
  [ms.noatime, 0x10],
  [ms.strictatime, 0x20],
  [ms.nodiratime, 0x80],
];
const accessTimeAttributes = 0x70;

/** Flags that belong to the file system as a whole, by their names in fsconfig(2). */
const superblockFlags: readonly (readonly [flag: number, name: string])[] = [
  [ms.rdonly, 'ro'],
  [ms.synchronous, 'sync'],
  [ms.dirsync, 'dirsync'],
  [ms.mandlock, 'mand'],
];

/** mount(2) takes one page of options, with the NUL at its end. */
const maxClassicDataBytes = 4095;

/** How the mount is made; `classic` never uses the newer system calls. */
export type MountStyle = 'new' | 'classic';

/** Makes the mount: see `Sys.mount`. */
export async function mount(request: Mount, style: MountStyle = 'new'): Promise<void> {
  const options = parseMountOptions(request.options);
  const api = binding();
  await native(() => makeMount(api, request, options, style));
  for (const change of options.propagation) {
    await native(() => api.classicMount('', request.target, '', change, null, null));
  }
}

async function makeMount(api: Binding, request: Mount, options: MountOptions, style: MountStyle): Promise<void> {
  const { flags, idMap } = options;
  if (idMap !== undefined && (flags & ms.bind) !== 0) return bind(api, request, options);
  if (idMap !== undefined) return mapped(api, request, { ...options, idMap }, style);
  if ((flags & ms.remount) !== 0 || style === 'classic' || hasLongValue(request, options)) {
    return classic(api, request, options);
  }
  // A change of propagation alone ("none" with "rshared") mounts nothing.
  if (flags === 0 && options.data.length === 0 && options.propagation.length > 0 && isNone(request)) return;
  try {
    if ((flags & ms.bind) !== 0) await bind(api, request, options);
    else await api.fsMount(request.type, parameters(request, options), request.target, attributes(flags));
  } catch (error) {
    if (!olderKernel(error, request)) throw error;
    await classic(api, request, options);
  }
}

/** Only mount(2) takes such values; for overlay there is another way, see overlayParameters. */
function hasLongValue({ type, source }: Mount, { flags, data }: MountOptions): boolean {
  if (type === 'overlay' || (flags & ms.bind) !== 0) return false;
  return [source, ...data].some((each) => Buffer.byteLength(each) > maxStringBytes);
}

function isNone({ type, source }: Mount): boolean {
  return (type === '' || type === 'none') && (source === '' || source === 'none');
}

/** True if the failure may only mean that the kernel does not know the call, or not the way overlay layers are given. */
function olderKernel(error: unknown, { type }: Mount): boolean {
  const code = errnoOf(error);
  if (code === 'ENOSYS') return true;
  const { detail } = error as { detail?: string };
  return (
    type === 'overlay' && code === 'EINVAL' && (detail === undefined || /(?:lower|data)dir\+|Cumulative/.test(detail))
  );
}

function attributes(flags: number): number {
  let result = 0;
  for (const [flag, attribute] of attributeOfFlag) if ((flags & flag) !== 0) result |= attribute;
  // Without either, relatime (0) stays in force; noatime wins over strictatime, as in the kernel's own option parser.
  if ((result & 0x30) === 0x30) result &= ~0x20;
  return result;
}

/** Overlay shows what its lower directories show; other file systems than these are not asked for with id maps. */
function mapped(
  api: Binding,
  request: Mount,
  options: MountOptions & { readonly idMap: IdMap },
  style: MountStyle,
): Promise<void> {
  const { type, target } = request;
  if (type !== 'overlay') {
    throw new GantryError('unimplemented', `mount ${target}: id maps are not supported for file system type ${type}`);
  }
  const { data, idMap } = options;
  return withMappedLowerDirs(api, { target, data, idMap }, (seen) =>
    makeMount(api, request, { ...options, data: seen, idMap: undefined }, style),
  );
}

function bind(api: Binding, { source, target }: Mount, { flags, idMap }: MountOptions): Promise<void> {
  const set = attributes(flags);
  const timed = (flags & (ms.noatime | ms.strictatime | ms.relatime)) !== 0;
  const clear = timed ? accessTimeAttributes : 0;
  const isRecursive = (flags & ms.rec) !== 0;
  return api.bindMount(source, target, isRecursive, set, clear, idMap?.uids ?? null, idMap?.gids ?? null);
}

function parameters({ type, source }: Mount, { flags, data }: MountOptions): string[] {
  const list: string[] = source === '' ? [] : ['string', 'source', source];
  for (const [flag, name] of superblockFlags) if ((flags & flag) !== 0) list.push('flag', name, '');
  if (type === 'overlay') {
    list.push(...overlayParameters(data));
    return list;
  }
  for (const option of data.flatMap((each) => each.split(',')).filter((each) => each !== '')) {
    const equals = option.indexOf('=');
    if (equals < 0) list.push('flag', option, '');
    else list.push('string', option.slice(0, equals), option.slice(equals + 1));
  }
  return list;
}

/** As containerd does it: mount, and for a read-only bind a second call that makes it so. */
async function classic(api: Binding, request: Mount, { flags, data }: MountOptions): Promise<void> {
  const { type, source, target } = request;
  let options = data;
  let directory: string | null = null;
  if (type === 'overlay') {
    const shortened = shortenLowerDirs(data, maxClassicDataBytes);
    options = shortened.data;
    directory = shortened.directory;
  }
  const text = options.join(',');
  if (text.length > maxClassicDataBytes) throw invalidArgument(`mount ${target}: mount options are too long`);
  await api.classicMount(source, target, type, flags, text === '' ? null : text, directory);
  const readOnlyBind = ms.bind | ms.rdonly;
  if ((flags & readOnlyBind) === readOnlyBind && (flags & ms.remount) === 0) {
    await api.classicMount('', target, '', flags | ms.remount, null, null);
  }
}
