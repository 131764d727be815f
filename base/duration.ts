/** Nanoseconds of each unit that Go's durations know. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const maxNs = 2n ** 63n - 1n;

/**
 * Nanoseconds of a duration as Go writes it: `1h30m`, `-1.5s`, `100ms`, `0`. Undefined for any other text, and for more
 * than Go's 64 bits hold.
 */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, amount = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (amount === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(amount)) return undefined;
  let sumNs = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of amount.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const unitNs = units[unit] ?? 0n;
    sumNs += BigInt(whole || 0) * unitNs + (BigInt(fraction || 0) * unitNs) / 10n ** BigInt(fraction.length);
  }
  if (sumNs > maxNs) return undefined;
  return sign === '-' ? -sumNs : sumNs;
}

/** A number of whole milliseconds as Go prints it: `0s`, `100ms`, `1.5s`, `1h0m5s`. */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1_000;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
