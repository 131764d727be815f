/** The part of the OCI runtime specification that Gantry's client writes. Field names are the specification's. */
export interface Spec {
  ociVersion: string;
  process: SpecProcess;
  root: { path: string; readonly?: boolean };
  hostname?: string;
  mounts: SpecMount[];
  annotations?: Record<string, string>;
  linux: SpecLinux;
}

export interface SpecProcess {
  terminal?: boolean;
  /** Size of the terminal in characters when the process starts. */
  consoleSize?: { height: number; width: number };
  user: SpecUser;
  args: string[];
  env: string[];
  cwd: string;
  capabilities?: SpecCapabilities;
  rlimits?: { type: string; hard: number; soft: number }[];
  noNewPrivileges?: boolean;
}

export interface SpecUser {
  uid: number;
  gid: number;
  additionalGids?: number[];
}

/** No inheritable and no ambient set: a process that is not root must not gain capabilities by executing a file. */
export interface SpecCapabilities {
  bounding: string[];
  effective: string[];
  permitted: string[];
}

export interface SpecMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

export interface SpecLinux {
  cgroupsPath: string;
  resources: SpecResources;
  namespaces: { type: string; path?: string }[];
  maskedPaths: string[];
  readonlyPaths: string[];
}

export interface SpecResources {
  devices: { allow: boolean; type?: string; major?: number; minor?: number; access: string }[];
  memory?: { limit: number };
  cpu?: { quota: number; period: number };
}
