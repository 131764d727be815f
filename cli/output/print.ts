/** One JSON document on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, bytesAsBase64, 2)}\n`);
}

/** One JSON document per line, for output that has no end of its own. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, bytesAsBase64)}\n`);
}

/** Bytes, such as the value of an Any within an event, as protobuf's own JSON form has them. */
export function bytesAsBase64(this: unknown, key: string, value: unknown): unknown {
  // Not `value`: a Buffer has been turned into a list of numbers by then.
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value;
}
