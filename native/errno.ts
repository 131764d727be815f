import { type ErrorKind, GantryError } from '../base/errors.ts';

/** What the addon throws and rejects with. */
interface NativeError extends Error {
  /** Symbolic errno, such as `ENOENT`. */
  readonly code: string;
  /** The kernel's words for it. */
  readonly description: string;
  readonly syscall?: string;
  readonly path?: string;
  /** Where it happened inside `path`, or what the kernel said besides. */
  readonly detail?: string;
}

const kinds: Readonly<Record<string, ErrorKind>> = {
  ENOENT: 'not-found',
  ESRCH: 'not-found',
  ENODATA: 'not-found',
  EEXIST: 'already-exists',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EINVAL: 'invalid-argument',
  EISDIR: 'invalid-argument',
  ELOOP: 'invalid-argument',
  ENAMETOOLONG: 'invalid-argument',
  ENODEV: 'invalid-argument',
  ENOTDIR: 'invalid-argument',
  EBADF: 'invalid-argument',
  EAGAIN: 'failed-precondition',
  EBUSY: 'failed-precondition',
  ENOTEMPTY: 'failed-precondition',
  EROFS: 'failed-precondition',
  ESTALE: 'aborted',
  EDQUOT: 'resource-exhausted',
  EFBIG: 'resource-exhausted',
  EMFILE: 'resource-exhausted',
  EMLINK: 'resource-exhausted',
  ENFILE: 'resource-exhausted',
  ENOMEM: 'resource-exhausted',
  ENOSPC: 'resource-exhausted',
  ERANGE: 'out-of-range',
  ENOSYS: 'unimplemented',
  EOPNOTSUPP: 'unimplemented',
  EBADMSG: 'data-loss',
  EIO: 'data-loss',
  ECANCELED: 'canceled',
  ETIMEDOUT: 'deadline-exceeded',
};

/** The symbolic errno (`ENOENT`, …) behind an error of a `Sys` call or of Node's own file functions, if there is one. */
export function errnoOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = (each as Partial<NativeError>).code;
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code;
  }
  return undefined;
}

/** Turns what the addon threw into a GantryError: `umount2 /run/x: device or resource busy (EBUSY)`. */
export function fromNative(error: unknown, what?: string): unknown {
  if (error instanceof GantryError || !(error instanceof Error)) return error;
  const native = error as NativeError;
  if (native.code === 'ERR_INVALID_ARG_TYPE') {
    return new GantryError('invalid-argument', native.message, { cause: error });
  }
  if (native.description === undefined) return error;
  const subject = [native.syscall, native.path ?? what].filter((part) => part !== undefined).join(' ');
  const description = native.description.charAt(0).toLowerCase() + native.description.slice(1);
  const detail = native.detail === undefined ? '' : `: ${native.detail}`;
  return new GantryError(kinds[native.code] ?? 'unknown', `${subject}: ${description} (${native.code})${detail}`, {
    cause: error,
  });
}

/** Runs one call of the addon and translates its failure; `what` names the subject where the addon does not know it. */
export async function native<T>(call: () => Promise<T>, what?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromNative(error, what);
  }
}

/** As `native`, for a call that returns at once. */
export function nativeSync<T>(call: () => T, what?: string): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error, what);
  }
}
