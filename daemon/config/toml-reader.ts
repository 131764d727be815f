import { parseDuration } from '../../base/duration.ts';
import { invalidArgument } from '../../base/errors.ts';

/** Longest time that a timer can be set to. */
const longestMs = 0x7fff_ffff;

/**
 * Takes typed values out of a parsed TOML file and remembers which keys nobody asked for. Keys are dotted, as in TOML: a
 * part with a dot of its own stands in double quotes.
 */
export class TomlReader {
  readonly #file: Record<string, unknown>;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #unread: string[] = [];
  readonly #lists: TomlReader[] = [];
  /** Of the table this reads, within the file: empty, or with a dot at its end. */
  readonly #prefix: string;

  constructor(file: Record<string, unknown>, path: string, prefix = '') {
    this.#file = file;
    this.#path = path;
    this.#prefix = prefix;
  }

  /** The name of a key within the whole file. */
  nameOf(key: string): string {
    return `${this.#prefix}${key}`;
  }

  string(key: string, fallback: string): string {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'string') throw this.#wrong(key, 'a string');
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean') throw this.#wrong(key, 'true or false');
    return value;
  }

  integer(key: string, fallback: number, min = 0, max = 0x7fff_ffff): number {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw this.#wrong(key, `a whole number from ${min} to ${max}`);
    }
    return value;
  }

  number(key: string, fallback: number, min: number, max: number): number {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      throw this.#wrong(key, `a number from ${min} to ${max}`);
    }
    return value;
  }

  /** Milliseconds of a duration such as `100ms` or `1m30s`, rounded. */
  durationMs(key: string, fallback: number): number {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    const ns = typeof value === 'string' ? parseDuration(value) : undefined;
    const ms = Math.round(Number(ns) / 1e6);
    if (ns === undefined || ns < 0n || ms > longestMs) throw this.#wrong(key, 'a duration such as "100ms"');
    return ms;
  }

  /** A table of strings, empty if there is none. */
  strings(key: string): Record<string, string> {
    const value = this.#take(key) ?? {};
    if (!isTable(value)) throw this.#wrong(key, 'a table');
    for (const [name, entry] of Object.entries(value)) {
      if (typeof entry !== 'string') throw this.#wrong(`${key}.${name}`, 'a string');
    }
    return value as Record<string, string>;
  }

  /** An array of strings. */
  stringList(key: string, fallback: readonly string[] = []): string[] {
    const value = this.#take(key) ?? fallback;
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
      throw this.#wrong(key, 'an array of strings');
    }
    return value as string[];
  }

  /** Those of an array of strings that mean something; the others count as keys that nobody asked for. */
  stringsOutOf(key: string, meaningful: readonly string[]): string[] {
    const values = this.stringList(key);
    this.#unread.push(...values.filter((value) => !meaningful.includes(value)).map((value) => `${key} "${value}"`));
    return values.filter((value) => meaningful.includes(value));
  }

  /** The names of the tables in a table, none if there is no such table. Their values are read one by one. */
  tables(key: string): string[] {
    const value = this.#find(key) ?? {};
    if (!isTable(value)) throw this.#wrong(key, 'a table');
    for (const [name, entry] of Object.entries(value)) {
      if (!isTable(entry)) throw this.#wrong(`${key}.${name}`, 'a table');
    }
    return Object.keys(value);
  }

  /** The tables of an array of tables, each to be read on its own; undefined if there is no array. */
  list(key: string): TomlReader[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(isTable)) throw this.#wrong(key, 'an array of tables');
    const readers = value.map((table, index) => new TomlReader(table, this.#path, `${this.nameOf(key)}[${index}].`));
    this.#lists.push(...readers);
    return readers;
  }

  /** Dotted names of the values that were never asked for. */
  unread(): string[] {
    const names = [...this.#unread, ...this.#lists.flatMap((list) => list.unread())];
    const walk = (table: Record<string, unknown>, prefix: string) => {
      for (const [name, value] of Object.entries(table)) {
        const key = `${prefix}${name}`;
        if (this.#read.has(key)) continue;
        if (isTable(value)) walk(value, `${key}.`);
        else names.push(this.nameOf(key));
      }
    };
    walk(this.#file, '');
    return names;
  }

  #take(key: string): unknown {
    this.#read.add(partsOf(key).join('.'));
    return this.#find(key);
  }

  #find(key: string): unknown {
    const parts = partsOf(key);
    let value: unknown = this.#file;
    for (const [index, part] of parts.entries()) {
      if (!isTable(value)) throw this.#wrong(parts.slice(0, index).join('.'), 'a table');
      if (!Object.hasOwn(value, part)) return undefined;
      value = value[part];
    }
    return value;
  }

  #wrong(key: string, wanted: string) {
    return invalidArgument(`configuration ${this.#path}: ${this.nameOf(key)} must be ${wanted}`);
  }
}

function partsOf(key: string): string[] {
  return [...key.matchAll(/"([^"]*)"|[^."]+/g)].map(([bare, quoted]) => quoted ?? bare);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
