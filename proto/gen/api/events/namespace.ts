// Generated from the .proto files by `npm run proto`; do not edit.

export interface NamespaceCreate {
  name: string;
  labels: Record<string, string>;
}

export interface NamespaceUpdate {
  name: string;
  labels: Record<string, string>;
}

export interface NamespaceDelete {
  name: string;
}
