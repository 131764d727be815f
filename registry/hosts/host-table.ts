import { failedPrecondition } from '../../base/errors.ts';

/** A table of hosts.toml, from which values are taken by type. Errors name the file, the key and what it should hold. */
export class HostTable {
  /** The file, and the table in it where it is not the whole. */
  readonly where: string;
  readonly #values: Readonly<Record<string, unknown>>;

  private constructor(values: Readonly<Record<string, unknown>>, where: string) {
    this.#values = values;
    this.where = where;
  }

  /** @throws GantryError failed-precondition if the value is no table */
  static of(value: unknown, where: string): HostTable {
    if (!isTable(value)) throw failedPrecondition(`${where}: must be a table`);
    return new HostTable(value, where);
  }

  /** @throws GantryError failed-precondition for a key that means nothing here, so that no misspelt one goes unnoticed */
  only(names: readonly string[]): void {
    const unknown = Object.keys(this.#values).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    throw failedPrecondition(`${this.where}: unknown key "${unknown}": there are ${names.join(', ')}`);
  }

  value(key: string): unknown {
    return this.#values[key];
  }

  string(key: string): string | undefined {
    const value = this.#values[key];
    if (value !== undefined && typeof value !== 'string') throw this.wrong(key, 'a string');
    return value;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#values[key];
    if (value !== undefined && typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  /** The tables in a table, in the order of the file. */
  tables(key: string): [string, HostTable][] {
    const value = this.#values[key] ?? {};
    if (!isTable(value)) throw this.wrong(key, `tables such as [${key}."https://mirror.example.com"]`);
    return Object.entries(value).map(([name, item]) => [name, HostTable.of(item, `${this.where}: ${key}."${name}"`)]);
  }

  wrong(key: string, expected: string) {
    return failedPrecondition(`${this.where}: ${key} must be ${expected}`);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
