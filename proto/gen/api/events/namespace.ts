// Generated from the .proto files by `npm run proto`; do not edit.

/** A namespace was stored. */
export interface NamespaceCreate {
  name: string;
  labels: Record<string, string>;
}

/** Labels of a namespace changed. */
export interface NamespaceUpdate {
  name: string;
  /** All labels after the change. */
  labels: Record<string, string>;
}

/** A namespace was forgotten. */
export interface NamespaceDelete {
  name: string;
}
