/** Headers with a meaning of their own on ttrpc. */

/** Carries the namespace; gRPC has another name for it. */
export const NAMESPACE_KEY = 'containerd-namespace-ttrpc';
